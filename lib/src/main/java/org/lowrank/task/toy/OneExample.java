package org.lowrank.task.toy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Random;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.engine.Arrays;

/**
 * Regression of a single example by a square adapted layer of any width n, for the question how the
 * size of a step depends on the width (AltLoRA, arXiv 2505.12455, definition 2; LoRA+, arXiv
 * 2402.12354):
 *
 * <pre>
 *   f = s B A x,   L = |f − y|² / (2n),   g = (f − y) xᵀ / n
 * </pre>
 *
 * with entries of x that are ±1 and standard normal entries of y. Because |x|² = n, a step −η g of
 * full fine-tuning changes f by −η (f − y) at every width: L is normed so that one rate η fits full
 * fine-tuning at all widths. No n x n matrix is formed.
 */
public final class OneExample implements AutoCloseable {

    private final NDManager manager = NDManager.newBaseManager();
    private final NDArray x;
    private final NDArray y;
    private final PairStack stack;

    /**
     * LoRA's start: entries of A uniform with variance 1 / (3n) (Kaiming's with a = √5), B = 0.
     *
     * @param width n
     * @param rank r
     * @param scaling s
     */
    public OneExample(int width, int rank, double scaling, long seed) {
        var random = new Random(seed);
        x = array(random.doubles(width).map(u -> u < 0.5 ? -1 : 1).toArray(), 1, width, 1);
        var targets = new double[width];
        for (int i = 0; i < width; i++) {
            targets[i] = random.nextGaussian();
        }
        y = array(targets, 1, width, 1);
        double bound = 1 / Math.sqrt(width);
        var a = random.doubles((long) rank * width, -bound, bound).toArray();
        stack =
                new PairStack(
                        List.of("W"),
                        array(a, 1, rank, width),
                        array(new double[width * rank], 1, width, rank),
                        scaling);
    }

    /** The pair, as an optimizer takes it. It moves in place. */
    public PairStack stack() {
        return stack;
    }

    /** dL/dA = s Bᵀ (f − y) xᵀ / n and dL/dB = s (f − y)(A x)ᵀ / n. The caller closes it. */
    public PairGradient gradient() {
        try (var scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            var misfit = output().sub(y).mul(stack.scaling() / stack.in());
            var hidden = stack.loraA().matMul(x);
            var back = stack.loraB().transpose(0, 2, 1).matMul(misfit);
            var gradA = back.matMul(x.transpose(0, 2, 1));
            var gradB = misfit.matMul(hidden.transpose(0, 2, 1));
            NDScope.unregister(gradA, gradB);
            return new PairGradient(gradA, gradB);
        }
    }

    /** The feature s B A x, n numbers. */
    public double[] feature() {
        try (var scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            return output().toDoubleArray();
        }
    }

    /** L at the present factors. */
    public double loss() {
        try (var scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            var misfit = output().sub(y);
            return misfit.mul(misfit).sum().toDoubleArray()[0] / (2 * stack.in());
        }
    }

    /** Root mean square of the difference of two features: what one entry of f moved. */
    public static double change(double[] before, double[] after) {
        double sum = 0;
        for (int i = 0; i < before.length; i++) {
            sum += (after[i] - before[i]) * (after[i] - before[i]);
        }
        return Math.sqrt(sum / before.length);
    }

    private NDArray output() {
        return stack.loraB().matMul(stack.loraA().matMul(x)).mul(stack.scaling());
    }

    private NDArray array(double[] values, long... shape) {
        return Arrays.nativeCopy(manager, values, new Shape(shape));
    }

    @Override
    public void close() {
        manager.close();
    }
}
