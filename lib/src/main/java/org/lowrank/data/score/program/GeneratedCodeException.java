package org.lowrank.data.score.program;

import java.io.IOException;

/** Programs that a model wrote cannot be run here: nobody allowed it, or there is no Python. */
public final class GeneratedCodeException extends IOException {

    private static final long serialVersionUID = 1L;

    GeneratedCodeException(String message) {
        super(message);
    }

    static GeneratedCodeException notAllowed() {
        return new GeneratedCodeException(
                "this score runs programs that a model wrote, on this machine. They are run with"
                        + " limits and without a network where the system allows that, but no such"
                        + " fence is perfect: say --run-generated-code to run them");
    }
}
