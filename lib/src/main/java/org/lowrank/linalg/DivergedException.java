package org.lowrank.linalg;

/**
 * The numbers of a run lead nowhere: NaN or an infinity where a finite number is needed, or a
 * matrix that a method has to invert and cannot. It ends a run as diverged, which is a result; any
 * other {@link ArithmeticException} is a defect.
 */
public final class DivergedException extends ArithmeticException {

    private static final long serialVersionUID = 1L;

    public DivergedException(String message) {
        super(message);
    }

    /** Of a pair of two zeros: a saddle that no gradient leaves. */
    public static DivergedException bothZero() {
        return new DivergedException(
                "A and B are both 0: both gradients vanish there and no rule can leave it;"
                        + " initialise one of the factors");
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
