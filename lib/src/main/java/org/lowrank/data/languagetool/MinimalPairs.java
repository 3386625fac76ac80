package org.lowrank.data.languagetool;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The wrong sentences of a rule file, each with its correction, after cleaning. Every sentence
 * stands in one pair only, and none is wrong in one pair and right in another, so labels made from
 * the pairs are balanced and free of contradictions.
 *
 * @param pairs in the order of the file
 * @param dropped how many wrong examples were left out, by the first reason that applied
 */
public record MinimalPairs(List<MinimalPair> pairs, Map<Reason, Integer> dropped) {

    /** Sentences with fewer words, on either side, are left out: too little to judge by. */
    public static final int MIN_WORDS = 4;

    /** Why a wrong example makes no pair. */
    public enum Reason {
        /** Nothing says where the correction belongs. */
        NO_MARKED_SPAN,
        /** An error of case, accent or spacing, gone once an uncased tokenizer has read it. */
        SAME_WHEN_UNCASED,
        /** One side has fewer than {@link #MIN_WORDS} words. */
        TOO_SHORT,
        /** One side is also given as an example of the other kind. */
        WRONG_AND_RIGHT,
        /** One side stands in an earlier pair. */
        REPEATED
    }

    public MinimalPairs {
        pairs = List.copyOf(pairs);
        dropped = Collections.unmodifiableMap(new EnumMap<>(dropped));
    }

    /** Pairs up the wrong examples; the correct ones serve to find contradictions. */
    public static MinimalPairs of(List<RuleExample> examples) {
        var candidates = examples.stream().filter(RuleExample::isWrong).map(Candidate::of).toList();
        var wrongForms = new HashSet<String>();
        var rightForms = new HashSet<String>();
        for (var candidate : candidates) {
            if (!candidate.wrongForm.equals(candidate.rightForm)) {
                wrongForms.add(candidate.wrongForm);
                rightForms.add(candidate.rightForm);
            }
        }
        examples.stream()
                .filter(example -> !example.isWrong())
                .forEach(example -> rightForms.add(UncasedForm.of(example.sentence())));
        return sift(candidates, wrongForms, rightForms);
    }

    private static int words(String tidySentence) {
        return tidySentence.split(" ").length;
    }

    private static MinimalPairs sift(
            List<Candidate> candidates, Set<String> wrongForms, Set<String> rightForms) {
        var used = new HashSet<String>();
        var kept = new ArrayList<MinimalPair>();
        var dropped = new EnumMap<Reason, Integer>(Reason.class);
        for (var candidate : candidates) {
            var wrong = candidate.wrongForm;
            var right = candidate.rightForm;
            var reason = candidate.ownReason();
            if (reason.isPresent()) {
                dropped.merge(reason.get(), 1, Integer::sum);
            } else if (rightForms.contains(wrong) || wrongForms.contains(right)) {
                dropped.merge(Reason.WRONG_AND_RIGHT, 1, Integer::sum);
            } else if (used.contains(wrong) || used.contains(right)) {
                dropped.merge(Reason.REPEATED, 1, Integer::sum);
            } else {
                used.addAll(List.of(wrong, right));
                kept.add(candidate.pair);
            }
        }
        return new MinimalPairs(kept, dropped);
    }

    private record Candidate(
            MinimalPair pair, boolean isMarked, String wrongForm, String rightForm) {

        static Candidate of(RuleExample example) {
            var wrong = UncasedForm.tidy(example.sentence());
            var right = UncasedForm.tidy(example.corrected());
            return new Candidate(
                    new MinimalPair(example.rule(), wrong, right),
                    !example.marked().isEmpty(),
                    UncasedForm.of(wrong),
                    UncasedForm.of(right));
        }

        /** What speaks against this pair whatever the others are. */
        Optional<Reason> ownReason() {
            if (!isMarked) {
                return Optional.of(Reason.NO_MARKED_SPAN);
            } else if (wrongForm.equals(rightForm)) {
                return Optional.of(Reason.SAME_WHEN_UNCASED);
            } else if (Math.min(words(pair.wrong()), words(pair.right())) < MIN_WORDS) {
                return Optional.of(Reason.TOO_SHORT);
            }
            return Optional.empty();
        }
    }
}
