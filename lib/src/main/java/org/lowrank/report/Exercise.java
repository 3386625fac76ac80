package org.lowrank.report;

import java.util.Locale;

/** The checking cell of an exercise: a confirmation for a right answer, a hint for a wrong one. */
public final class Exercise {

    private Exercise() {}

    /**
     * Checks a number; one that is not given yet is NaN. Returns what to tell the reader and never
     * fails, so that a notebook runs through with its exercises open.
     *
     * @param answer the reader's
     * @param right the right one, best computed by the notebook
     * @param tolerance relative to the right answer
     * @param hint what to think of
     */
    public static String check(double answer, double right, double tolerance, String hint) {
        if (Double.isNaN(answer)) {
            return "not answered yet. Hint: " + hint;
        }
        boolean close = Math.abs(answer - right) <= tolerance * Math.max(1e-300, Math.abs(right));
        return close
                ? String.format(Locale.ROOT, "right: %.4g", right)
                : String.format(Locale.ROOT, "not %.4g. Hint: %s", answer, hint);
    }

    /** As above, for an answer that is a matter of yes or no; null if not given yet. */
    public static String check(Boolean answer, boolean right, String hint) {
        if (answer == null) {
            return "not answered yet. Hint: " + hint;
        }
        return answer == right ? "right" : "no. Hint: " + hint;
    }
}
