package org.lowrank.data.score;

import java.util.List;
import java.util.Locale;

/** How often a model that writes says the right class, by three readings of the same model. */
public enum WordMetric implements Metric<WordScores, Integer> {
    /** It writes exactly the word and ends. */
    EXACT_MATCH {
        @Override
        public int said(WordScores scores) {
            return scores.written();
        }
    },
    /** Of the words of all classes, to their ends, the right one is the most probable. */
    LIKELIHOOD {
        @Override
        public int said(WordScores scores) {
            return WordScores.largest(scores.words());
        }
    },
    /**
     * As LoRA-GA's released code counts, for two classes with words of one token: of the first
     * tokens the right one is the more probable, whatever the model would write.
     */
    SOFT {
        @Override
        public int said(WordScores scores) {
            return WordScores.largest(scores.firsts());
        }
    };

    /** The class that it says, or {@link WordScores#OTHER}. */
    public abstract int said(WordScores scores);

    @Override
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    @Override
    public double of(List<WordScores> said, List<Integer> truth) {
        int right = 0;
        for (int i = 0; i < said.size(); i++) {
            right += said(said.get(i)) == truth.get(i) ? 1 : 0;
        }
        return right / (double) said.size();
    }
}
