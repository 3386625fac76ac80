package org.lowrank.task.words;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.lowrank.data.BatchPlan;
import org.lowrank.data.score.WordScores;
import org.lowrank.engine.CancelledException;
import org.lowrank.linalg.DivergedException;
import org.lowrank.model.block.Autoregressive;
import org.lowrank.model.block.EmbeddingTable;
import org.lowrank.model.generate.Continuation;
import org.lowrank.model.head.TokenLoss;

/**
 * What a model that writes says of some words after a prompt. The prompt is read once; then all
 * words are followed together, token by token. A word is what the model would write itself if at
 * each of its places its token is the most probable one: nothing has to be generated.
 */
final class WordReader {

    /** Of the prompts of a batch, padding counted. */
    private static final int TOKENS = 1024;

    private final Autoregressive model;
    private final int padId;

    WordReader(Autoregressive model, int padId) {
        this.model = model;
        this.padId = padId;
    }

    /**
     * A prompt and what may follow it.
     *
     * @param words as many for every prompt, each with the token that ends it
     */
    record Choice(int[] prompt, List<int[]> words) {}

    List<WordScores> read(List<Choice> choices) {
        var all = new ArrayList<WordScores>(Collections.nCopies(choices.size(), null));
        var lengths = choices.stream().mapToInt(choice -> choice.prompt().length).toArray();
        int budget = Math.max(TOKENS, Arrays.stream(lengths).max().orElseThrow());
        var order = BatchPlan.ofTokens(lengths, budget, 0).inOrder();
        int done = 0;
        for (var some : order) {
            CancelledException.ifInterrupted(done++, order.size());
            var scores = batch(Arrays.stream(some).mapToObj(choices::get).toList());
            for (int i = 0; i < some.length; i++) {
                all.set(some[i], scores.get(i));
            }
        }
        return all;
    }

    private List<WordScores> batch(List<Choice> choices) {
        int classes = choices.get(0).words().size();
        var words = choices.stream().flatMap(choice -> choice.words().stream()).toList();
        int longest = words.stream().mapToInt(word -> word.length).max().orElseThrow();
        var each = IntStream.range(0, words.size()).map(i -> i / classes).toArray();
        var followed = words.stream().map(Followed::new).toList();
        var prompts = choices.stream().map(Choice::prompt).toList();
        try (var texts = new Continuation(model, prompts, padId)) {
            for (int at = 0; at < longest; at++) {
                try (var step = model.manager().newSubManager()) {
                    var logits = texts.next(step);
                    if (at == 0) {
                        var rows = Arrays.stream(each).asLongStream().toArray();
                        logits = EmbeddingTable.rows(logits, step.create(rows));
                    }
                    look(logits, followed, at);
                }
                if (at == 0) {
                    texts.keep(each);
                }
                if (at + 1 < longest) {
                    texts.append(tokens(words, at));
                }
            }
        }
        return IntStream.range(0, choices.size())
                .mapToObj(i -> scores(followed.subList(i * classes, (i + 1) * classes)))
                .toList();
    }

    private int[] tokens(List<int[]> words, int at) {
        return words.stream().mapToInt(word -> at < word.length ? word[at] : padId).toArray();
    }

    private void look(NDArray logits, List<Followed> followed, int at) {
        var step = logits.getManager();
        var wanted = tokens(followed.stream().map(f -> f.word).toList(), at);
        var labels = step.create(Arrays.stream(wanted).asLongStream().toArray());
        var losses = TokenLoss.each(logits, labels).toFloatArray();
        var best = logits.argMax(1).toLongArray();
        for (int i = 0; i < losses.length; i++) {
            followed.get(i).look(at, -losses[i], best[i]);
        }
    }

    private static WordScores scores(List<Followed> words) {
        int written = WordScores.OTHER;
        for (int c = 0; c < words.size(); c++) {
            written = words.get(c).isWritten ? c : written;
        }
        return new WordScores(
                words.stream().mapToDouble(word -> word.sum).toArray(),
                words.stream().mapToInt(word -> word.word.length).toArray(),
                words.stream().mapToDouble(word -> word.first).toArray(),
                written);
    }

    /** One word after one prompt. */
    private static final class Followed {

        private final int[] word;
        private double sum;
        private double first;
        private boolean isWritten = true;

        Followed(int... word) {
            this.word = word;
        }

        void look(int at, double logProbability, long best) {
            if (at >= word.length) {
                return;
            }
            if (!Double.isFinite(logProbability)) {
                throw new DivergedException("log p of a word is " + logProbability);
            }
            first = at == 0 ? logProbability : first;
            sum += logProbability;
            isWritten &= best == word[at];
        }
    }
}
