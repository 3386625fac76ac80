package org.lowrank.model.generate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import org.lowrank.model.generate.Generation.EarlyStopping;

/**
 * The beam search of one prompt. Of all continuations of the open beams the best are candidates;
 * those that end are kept among the ended ones if they are of the best {@code numBeams}, the best
 * others stay open. A score is log p / lengthᵖ with length in new tokens, the one that ends the
 * text among them, and p the length penalty.
 *
 * <p>It is over by the rule of {@link EarlyStopping}, or when all candidates have ended. Departs
 * from transformers (5.24, vectorised search) in nothing that shows: the first pass reads a prompt
 * once instead of once a beam, and a prompt whose search is over is not computed any more.
 */
final class Beams {

    private static final Comparator<Beam> BEST_FIRST =
            Comparator.comparingDouble(Beam::score).reversed();

    private final Generation how;
    private final int candidates;
    private final int most;
    private final Predicate<List<Integer>> ends;
    private List<Beam> open = List.of(new Beam(-1, List.of(), 0));
    private List<Beam> ended = List.of();
    private int before;
    private boolean canImprove = true;

    /**
     * @param parent its place among the open beams of the step before
     * @param score log p of an open beam, with the length penalty of an ended one
     */
    record Beam(int parent, List<Integer> ids, double score) {

        int last() {
            return ids.get(ids.size() - 1);
        }
    }

    /**
     * @param each candidates a beam
     * @param most tokens that fit
     * @param ends whether the last id of these has ended the text
     */
    Beams(Generation how, int each, int most, Predicate<List<Integer>> ends) {
        this.how = how;
        candidates = each * how.numBeams();
        this.most = most;
        this.ends = ends;
    }

    /** Continuations that are looked at in a step. */
    int candidates() {
        return candidates;
    }

    /** Those that go on, the best first. */
    List<Beam> open() {
        return open;
    }

    /** How many were open before the last step. */
    int before() {
        return before;
    }

    /**
     * One step.
     *
     * @param count continuations of each open beam
     * @param logProbabilities of them, (open, count)
     * @param tokens that they add, (open, count)
     */
    void advance(int count, float[] logProbabilities, long... tokens) {
        var all = new ArrayList<Beam>();
        for (int i = 0; i < tokens.length; i++) {
            var from = open.get(i / count);
            // the ids of the parent; its own last one is added if it is among the candidates
            all.add(new Beam(i, from.ids(), from.score() + logProbabilities[i]));
        }
        all.sort(BEST_FIRST);
        int length = open.get(0).ids().size() + 1;
        double weight = Math.pow(length, how.lengthPenalty());
        var going = new ArrayList<Beam>();
        var finished = new ArrayList<>(ended);
        for (int place = 0; place < Math.min(candidates, all.size()); place++) {
            var candidate = all.get(place);
            var ids = new ArrayList<>(candidate.ids());
            ids.add(Math.toIntExact(tokens[candidate.parent()]));
            int parent = candidate.parent() / count;
            if (length < most && !ends.test(ids)) {
                going.add(new Beam(parent, ids, candidate.score()));
            } else if (place < how.numBeams() && !isOver()) {
                finished.add(new Beam(parent, ids, candidate.score() / weight));
            }
        }
        before = open.size();
        open = List.copyOf(going.subList(0, Math.min(how.numBeams(), going.size())));
        finished.sort(BEST_FIRST);
        ended = List.copyOf(finished.subList(0, Math.min(how.numBeams(), finished.size())));
        canImprove = canImprove(length);
    }

    private boolean canImprove(int length) {
        if (open.isEmpty()) {
            return false;
        }
        boolean atAnyLength = how.earlyStopping() == EarlyStopping.NEVER && how.lengthPenalty() > 0;
        double weight = Math.pow(atAnyLength ? most : length, how.lengthPenalty());
        return !isFull() || open.get(0).score() / weight > ended.get(ended.size() - 1).score();
    }

    private boolean isFull() {
        return ended.size() == how.numBeams();
    }

    /** Whether nothing that follows can change the best text. */
    boolean isOver() {
        return !canImprove || isFull() && how.earlyStopping() == EarlyStopping.TRUE;
    }

    /** The best ended text, or the best open one where the search was broken off before. */
    Beam best() {
        if (!ended.isEmpty()) {
            return ended.get(0);
        }
        var first = open.get(0);
        int length = Math.max(1, first.ids().size());
        double score = first.score() / Math.pow(length, how.lengthPenalty());
        return new Beam(first.parent(), first.ids(), score);
    }
}
