package org.lowrank.model.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.lowrank.model.block.CausalModel;

/** At every place the most probable token. */
public final class Greedy {

    private Greedy() {}

    /**
     * Continues texts together; those that have ended leave the batch.
     *
     * @param most tokens that are added to each
     * @param stops ids that end a text; they are the last of what comes back
     * @return what was added to each text
     */
    public static List<int[]> generate(
            CausalModel model, List<int[]> prompts, int most, Set<Integer> stops, int padId) {
        var added = new ArrayList<List<Integer>>();
        prompts.forEach(prompt -> added.add(new ArrayList<>()));
        var rows = IntStream.range(0, prompts.size()).toArray();
        try (var texts = new Continuation(model, prompts, padId)) {
            for (int i = 0; i < most && rows.length > 0; i++) {
                if (Thread.currentThread().isInterrupted()) {
                    break;
                }
                var best = best(texts, model);
                var going = new ArrayList<Integer>();
                for (int row = 0; row < rows.length; row++) {
                    added.get(rows[row]).add(best[row]);
                    if (!stops.contains(best[row])) {
                        going.add(row);
                    }
                }
                var kept = going.stream().mapToInt(Integer::intValue).toArray();
                if (kept.length < rows.length && kept.length > 0) {
                    texts.keep(kept);
                }
                rows = picked(rows, kept);
                if (rows.length > 0) {
                    texts.append(picked(best, kept));
                }
            }
        }
        return added.stream()
                .map(ids -> ids.stream().mapToInt(Integer::intValue).toArray())
                .toList();
    }

    private static int[] picked(int[] values, int... places) {
        return Arrays.stream(places).map(place -> values[place]).toArray();
    }

    private static int[] best(Continuation texts, CausalModel model) {
        try (var step = model.manager().newSubManager()) {
            return Arrays.stream(texts.next(step).argMax(1).toLongArray())
                    .mapToInt(Math::toIntExact)
                    .toArray();
        }
    }
}
