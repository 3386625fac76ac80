package org.lowrank.data.score;

/**
 * How often class i was predicted as class j. All scores are exact functions of these counts.
 *
 * @param counts {@code counts[actual][predicted]}, square
 */
public record ConfusionMatrix(long[][] counts) {

    /**
     * Counts predictions.
     *
     * @param predicted the predicted class of each row
     * @param actual the true class of each row
     * @param classes the number of classes
     */
    public static ConfusionMatrix of(int[] predicted, int[] actual, int classes) {
        if (predicted.length != actual.length || actual.length == 0) {
            throw new IllegalArgumentException(
                    "%s predictions for %s rows: there must be one each, and at least one"
                            .formatted(predicted.length, actual.length));
        }
        var counts = new long[classes][classes];
        for (var row = 0; row < actual.length; row++) {
            requireClass(predicted[row], classes, row, "predicted");
            requireClass(actual[row], classes, row, "true");
            counts[actual[row]][predicted[row]]++;
        }
        return new ConfusionMatrix(counts);
    }

    /** The share of rows whose class was predicted. */
    public double accuracy() {
        return correct() / (double) total();
    }

    /**
     * F1 = 2 TP / (2 TP + FP + FN) of one class, with the others as its opposite; 0 if the class is
     * neither there nor predicted. MRPC and QQP report it of class 1.
     */
    public double f1(int positive) {
        var truePositives = counts[positive][positive];
        var either = actual(positive) + predicted(positive);
        return either == 0 ? 0 : 2.0 * truePositives / either;
    }

    /**
     * Matthews' correlation coefficient, for more than two classes in the form of Gorodkin (2004):
     * (c n − Σ p_k t_k) / √((n² − Σ p_k²)(n² − Σ t_k²)) with c correct ones of n, and class k
     * predicted p_k times and true t_k times. 0 if all rows have, or were given, one class.
     */
    public double matthews() {
        double n = total();
        double products = 0;
        double predictedSquares = 0;
        double actualSquares = 0;
        for (var k = 0; k < counts.length; k++) {
            products += (double) predicted(k) * actual(k);
            predictedSquares += (double) predicted(k) * predicted(k);
            actualSquares += (double) actual(k) * actual(k);
        }
        var spread = (n * n - predictedSquares) * (n * n - actualSquares);
        return spread == 0 ? 0 : (correct() * n - products) / Math.sqrt(spread);
    }

    /** True if every row was given the same class, as by a model that learnt nothing. */
    public boolean predictsOneClass() {
        for (var k = 0; k < counts.length; k++) {
            if (predicted(k) == total()) {
                return true;
            }
        }
        return false;
    }

    public long total() {
        var total = 0L;
        for (var k = 0; k < counts.length; k++) {
            total += actual(k);
        }
        return total;
    }

    private long correct() {
        var correct = 0L;
        for (var k = 0; k < counts.length; k++) {
            correct += counts[k][k];
        }
        return correct;
    }

    private long actual(int k) {
        var sum = 0L;
        for (var count : counts[k]) {
            sum += count;
        }
        return sum;
    }

    private long predicted(int k) {
        var sum = 0L;
        for (var row : counts) {
            sum += row[k];
        }
        return sum;
    }

    private static void requireClass(int label, int classes, int row, String what) {
        if (label < 0 || label >= classes) {
            throw new IllegalArgumentException(
                    "row %s: the %s class is %s, but there are classes 0 to %s"
                            .formatted(row, what, label, classes - 1));
        }
    }
}
