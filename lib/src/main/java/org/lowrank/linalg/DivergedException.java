package org.lowrank.linalg;

/**
 * NaN or an infinity where a finite number is needed: the sign of a diverged run. A matrix of
 * finite numbers that has no inverse is a plain {@link ArithmeticException}.
 */
public final class DivergedException extends ArithmeticException {

    private static final long serialVersionUID = 1L;

    public DivergedException(String message) {
        super(message);
    }

    /** The same error with the pair or the step that it was met at in front; it keeps its kind. */
    public static ArithmeticException at(String place, ArithmeticException error) {
        var message = place + ": " + error.getMessage();
        var named =
                error instanceof DivergedException
                        ? new DivergedException(message)
                        : new ArithmeticException(message);
        named.setStackTrace(error.getStackTrace()); // not a cause: records would say all twice
        return named;
    }
}
