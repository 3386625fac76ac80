package org.lowrank.optim;

/** Errors of a step, which name the pair and say that nothing has moved. */
final class Refusal {

    private static final String UNTOUCHED = " No factor and no state of this step was changed.";

    private Refusal() {}

    static ArithmeticException notFinite(String path, String what) {
        return new ArithmeticException(
                path
                        + ": "
                        + what
                        + " holds NaN or an infinity. Look at the loss of this step, lower the"
                        + " learning rate, or clip."
                        + UNTOUCHED);
    }

    static ArithmeticException of(String path, ArithmeticException cause) {
        var named = new ArithmeticException(path + ": " + cause.getMessage() + "." + UNTOUCHED);
        named.initCause(cause);
        return named;
    }
}
