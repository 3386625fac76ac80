package org.lowrank.model.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.lowrank.model.block.Autoregressive;

/**
 * Beam searches of several prompts together: each follows its own {@link Beams}, and those that are
 * over leave the batch.
 */
final class BeamSearch {

    private final Generation how;
    private final int stops;

    /**
     * @param stops how many ids end a text: so many more candidates are looked at, that enough
     *     remain when the best have ended
     */
    BeamSearch(Generation how, int stops) {
        this.how = how;
        this.stops = stops;
    }

    /**
     * @param most tokens that fit behind each prompt
     * @param ends whether the last id of these has ended the text
     */
    List<Beams> write(
            Autoregressive model,
            List<int[]> prompts,
            int padId,
            int[] most,
            Predicate<List<Integer>> ends) {
        var searches = new ArrayList<Beams>();
        for (int room : most) {
            searches.add(new Beams(how, Math.max(2, 1 + stops), room, ends));
        }
        var going = List.copyOf(searches);
        try (var texts = new Continuation(model, prompts, padId)) {
            while (!going.isEmpty() && !Thread.currentThread().isInterrupted()) {
                advance(model, texts, going);
                var rows = new ArrayList<Integer>();
                var next = new ArrayList<Integer>();
                int from = 0;
                for (var search : going) {
                    if (!search.isOver()) {
                        for (var beam : search.open()) {
                            rows.add(from + beam.parent());
                            next.add(beam.last());
                        }
                    }
                    from += search.before();
                }
                going = going.stream().filter(search -> !search.isOver()).toList();
                if (!going.isEmpty()) {
                    reorder(texts, ints(rows));
                    texts.append(ints(next));
                }
            }
        }
        return searches;
    }

    private static void reorder(Continuation texts, int... rows) {
        if (!Arrays.equals(rows, IntStream.range(0, texts.size()).toArray())) {
            texts.keep(rows);
        }
    }

    private void advance(Autoregressive model, Continuation texts, List<Beams> going) {
        try (var step = model.manager().newSubManager()) {
            var logProbabilities = texts.next(step).logSoftmax(1);
            int width = Math.toIntExact(logProbabilities.getShape().get(1));
            int count = Math.min(width, going.get(0).candidates());
            var best = logProbabilities.topK(count, 1);
            var values = best.get(0).toFloatArray();
            var ids = best.get(1).toLongArray();
            int row = 0;
            for (var search : going) {
                int end = row + search.open().size();
                Written.requireFinite(values[row * count]);
                search.advance(
                        count,
                        Arrays.copyOfRange(values, row * count, end * count),
                        Arrays.copyOfRange(ids, row * count, end * count));
                row = end;
            }
        }
    }

    private static int[] ints(List<Integer> values) {
        return values.stream().mapToInt(Integer::intValue).toArray();
    }
}
