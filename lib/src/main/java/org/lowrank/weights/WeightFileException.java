package org.lowrank.weights;

import java.io.IOException;

/**
 * A weight file is truncated, altered or not what it should be. The message names the file, the
 * tensor if there is one, what was expected and what was found.
 */
public final class WeightFileException extends IOException {

    private static final long serialVersionUID = 1L;

    public WeightFileException(String message) {
        super(message);
    }

    public WeightFileException(String message, Throwable cause) {
        super(message, cause);
    }
}
