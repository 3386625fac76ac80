package org.lowrank.model.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.lowrank.model.block.Autoregressive;
import org.lowrank.text.TextStream;
import org.lowrank.text.TextTokenizer;

/**
 * A model that writes: prompts in, texts out, several together.
 *
 * <pre>{@code
 * var generator = new Generator(model, tokenizer);
 * var story = generator.write("Once upon a time", Generation.greedy(100), System.out::print);
 * var answers = generator.write(prompts, Generation.greedy(100).withNumBeams(4));
 * }</pre>
 *
 * <p>Adapters of the model count as they are; keys and values of what was read are kept. Texts
 * beyond {@value #ROWS} rows are written one batch after the other, those of like length together.
 * A thread that is interrupted ends with what there is, and stays interrupted.
 */
public final class Generator {

    /** Texts, or open beams of texts, that are written together. */
    private static final int ROWS = 32;

    /** Takes pieces of texts as soon as they cannot change any more. */
    public interface Listener {

        /**
         * @param prompt whose continuation it is
         * @param piece never empty; all pieces of a prompt together are its text. A beam search
         *     gives the whole text at its end.
         */
        void wrote(int prompt, String piece);
    }

    private final Autoregressive model;
    private final TextTokenizer tokenizer;
    private final Set<Integer> stopIds;
    private final int padId;

    /**
     * A model with its tokenizer, whose list of ids ends a text: that of {@code
     * generation_config.json}, else of {@code config.json}, else the tokenizer's eos.
     */
    public Generator(Autoregressive model, TextTokenizer tokenizer) {
        this(model, tokenizer, tokenizer.stopIds(), tokenizer.padId());
    }

    /** A model for ids alone, without words. */
    public Generator(Autoregressive model, Set<Integer> stopIds) {
        this(model, null, stopIds, 0);
    }

    private Generator(
            Autoregressive model, TextTokenizer tokenizer, Set<Integer> stopIds, int padId) {
        this.model = model;
        this.tokenizer = tokenizer;
        this.stopIds = Set.copyOf(stopIds);
        this.padId = padId;
    }

    /**
     * Continues one text, framed as its tokenizer frames texts (a bos token where the model wants
     * one).
     *
     * @param shown takes the pieces while they are written
     */
    public Written write(String prompt, Generation how, Consumer<String> shown) {
        requireTokenizer("a prompt in words");
        var ids = tokenizer.encode(prompt);
        return write(List.of(ids), how, (row, piece) -> shown.accept(piece));
    }

    /** Continues texts that are given as ids. */
    public Written write(List<int[]> prompts, Generation how) {
        return write(prompts, how, (row, piece) -> {});
    }

    /**
     * Continues texts that are given as ids.
     *
     * @throws IllegalArgumentException if a prompt has no token, or so many that the model has no
     *     position for another
     */
    public Written write(List<int[]> prompts, Generation how, Listener listener) {
        if (!how.stopTexts().isEmpty()) {
            requireTokenizer("a stop text");
        }
        requireRoom(prompts);
        long from = System.nanoTime();
        var texts = new ArrayList<Written.Text>(Collections.nCopies(prompts.size(), null));
        var randoms = randoms(prompts, how.seed());
        for (var some : batches(prompts, Math.max(1, ROWS / how.numBeams()))) {
            var given = some.stream().map(prompts::get).toList();
            var drafts = some.stream().map(i -> draft(i, prompts, how, listener)).toList();
            var scores = new double[some.size()];
            if (how.numBeams() > 1) {
                search(given, how, drafts, scores);
            } else {
                Arrays.fill(scores, Double.NaN);
                var own = some.stream().map(randoms::get).toList();
                new OneByOne(how, own).write(model, given, padId, drafts);
            }
            for (int i = 0; i < some.size(); i++) {
                texts.set(some.get(i), drafts.get(i).text(scores[i]));
            }
        }
        return new Written(List.copyOf(texts), (System.nanoTime() - from) / 1e9);
    }

    /** Shorter prompts first, so that a batch has little padding. */
    private static List<List<Integer>> batches(List<int[]> prompts, int rows) {
        var order =
                IntStream.range(0, prompts.size())
                        .boxed()
                        .sorted(Comparator.comparingInt(i -> prompts.get(i).length))
                        .toList();
        return IntStream.iterate(0, i -> i < order.size(), i -> i + rows)
                .mapToObj(i -> order.subList(i, Math.min(i + rows, order.size())))
                .toList();
    }

    private Draft draft(int prompt, List<int[]> prompts, Generation how, Listener listener) {
        int room = model.positions() - prompts.get(prompt).length;
        boolean fits = how.maxNewTokens() <= room;
        return new Draft(
                Math.min(how.maxNewTokens(), room),
                fits ? Written.Ending.MAX_NEW_TOKENS : Written.Ending.CONTEXT,
                stops(how),
                tokenizer == null ? null : tokenizer.stream(how.stopTexts()),
                piece -> listener.wrote(prompt, piece));
    }

    private void search(List<int[]> prompts, Generation how, List<Draft> drafts, double[] scores) {
        var stops = stops(how);
        var most = drafts.stream().mapToInt(Draft::most).toArray();
        var search = new BeamSearch(how, stops.size());
        var found = search.write(model, prompts, padId, most, ends(how, stops));
        for (int i = 0; i < drafts.size(); i++) {
            var best = found.get(i).best();
            scores[i] = best.score();
            best.ids().forEach(drafts.get(i)::add);
        }
    }

    private Predicate<List<Integer>> ends(Generation how, Set<Integer> stops) {
        return ids ->
                stops.contains(ids.get(ids.size() - 1))
                        || !how.stopTexts().isEmpty()
                                && stopped(tokenizer.stream(how.stopTexts()), ids);
    }

    private static boolean stopped(TextStream stream, List<Integer> ids) {
        ids.forEach(stream::add);
        return stream.stopped();
    }

    private Set<Integer> stops(Generation how) {
        var all = new HashSet<>(stopIds);
        all.addAll(how.stopIds());
        return all;
    }

    /** One a text, by its tokens and not by its place: alone or in a batch it draws the same. */
    private static List<SplittableRandom> randoms(List<int[]> prompts, long seed) {
        var times = new HashMap<List<Integer>, Integer>();
        var randoms = new ArrayList<SplittableRandom>();
        for (var prompt : prompts) {
            var ids = Arrays.stream(prompt).boxed().toList();
            int time = times.merge(ids, 1, Integer::sum);
            long own = 31L * (31 * seed + ids.hashCode()) + time;
            randoms.add(new SplittableRandom(own));
        }
        return randoms;
    }

    private void requireTokenizer(String what) {
        if (tokenizer == null) {
            throw new IllegalArgumentException(
                    what + " needs a tokenizer; this generator was made for ids alone");
        }
    }

    private void requireRoom(List<int[]> prompts) {
        for (int i = 0; i < prompts.size(); i++) {
            if (prompts.get(i).length >= model.positions()) {
                throw new IllegalArgumentException(
                        "prompt %d of %d has %d tokens, but the model reads and writes at most %d; shorten it"
                                .formatted(
                                        i + 1,
                                        prompts.size(),
                                        prompts.get(i).length,
                                        model.positions()));
            }
        }
    }
}
