package org.lowrank.report;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;

/**
 * The tests of an exercise: each prints what is right and fails at what is not, without giving the
 * right answer away, so that a grader counts the cell's points and a reader knows where to look.
 */
public final class Exercise {

    private Exercise() {}

    /**
     * @param what the property that a right answer has, as a sentence
     * @throws IllegalStateException naming it, if the answer does not have it
     */
    public static void check(String what, boolean right) {
        if (!right) {
            throw new IllegalStateException("not yet: " + what);
        }
        System.out.println("right: " + what);
    }

    /**
     * A number within a tolerance relative to the right one.
     *
     * @throws IllegalStateException if it is not; NaN never is
     */
    public static void close(String what, double answer, double right, double tolerance) {
        close(what, new double[] {answer}, new double[] {right}, tolerance);
    }

    /**
     * As many numbers as the right answer has, whose distance to it is within a tolerance relative
     * to its norm.
     *
     * @throws IllegalStateException if they are not
     */
    public static void close(String what, double[] answer, double[] right, double tolerance) {
        if (answer.length != right.length) {
            throw new IllegalStateException(
                    "not yet: %s: %s numbers, where %s are asked for"
                            .formatted(what, answer.length, right.length));
        }
        double distance = 0;
        double norm = 0;
        for (int i = 0; i < right.length; i++) {
            distance += Math.pow(answer[i] - right[i], 2);
            norm += Math.pow(right[i], 2);
        }
        check(what, Math.sqrt(distance) <= tolerance * Math.max(1e-300, Math.sqrt(norm)));
    }

    /**
     * A matrix of the right shape, whose distance to the right one is within a tolerance relative
     * to its norm.
     *
     * @throws IllegalStateException if it is not
     */
    public static void close(String what, NDArray answer, NDArray right, double tolerance) {
        check(what + ": its shape", answer.getShape().equals(right.getShape()));
        close(what, numbers(answer), numbers(right), tolerance);
    }

    private static double[] numbers(NDArray matrix) {
        return matrix.toType(DataType.FLOAT64, true).toDoubleArray();
    }
}
