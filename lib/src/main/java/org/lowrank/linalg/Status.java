package org.lowrank.linalg;

/** How a solve ended, with likely causes and the remedy. */
public enum Status {
    /** The equation has one solution and this is it. */
    OK("the equation has one solution", "nothing to do"),

    /**
     * A and -B share an eigenvalue to working precision, or the solution is too large for a double.
     */
    SINGULAR(
            "A and -B share an eigenvalue to working precision, so that there is no solution or"
                    + " more than one; with Gram matrices: both factors are rank deficient",
            "damp both Gram matrices, lower the rank, or start from an initialisation that leaves"
                    + " one factor of full rank"),

    /** A coefficient or the right-hand side holds NaN or an infinity. */
    NON_FINITE_INPUT(
            "a matrix holds NaN or an infinity: a diverged run, an overflow in half precision or a"
                    + " faulty loss",
            "look at the gradients and the loss of this step, lower the learning rate, or clip"),

    /** An eigenvalue iteration used up its steps. */
    NO_CONVERGENCE(
            "an eigenvalue iteration did not converge, which is rare and comes with entries of very"
                    + " different size",
            "rescale the factors to similar norms, or use another solver");

    private final String causes;
    private final String remedy;

    Status(String causes, String remedy) {
        this.causes = causes;
        this.remedy = remedy;
    }

    /** Causes and remedy in one sentence. */
    public String advice() {
        return causes + "; remedy: " + remedy;
    }
}
