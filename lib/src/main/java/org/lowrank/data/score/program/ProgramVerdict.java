package org.lowrank.data.score.program;

import java.util.Locale;
import java.util.Map;

/**
 * How a program did.
 *
 * @param result whether its tests ran to their end
 * @param said the exception that ended it, or the limit; empty for a pass
 * @param facts what held while it ran: network, files, processes, Python
 */
public record ProgramVerdict(Result result, String said, Map<String, String> facts) {

    public enum Result {
        PASSED,
        FAILED,
        TIMED_OUT;

        /** As HumanEval's own results have it: {@code timed out}. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    /** True only with the proof that the tests ended. */
    public boolean passed() {
        return result == Result.PASSED;
    }
}
