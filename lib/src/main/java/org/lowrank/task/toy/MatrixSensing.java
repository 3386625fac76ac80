package org.lowrank.task.toy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.MatrixFeatures_DDRM;
import org.ejml.dense.row.RandomMatrices_DDRM;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.engine.Arrays;

/**
 * Recovery of a matrix of rank r from linear measurements, by one adapter pair in float64:
 *
 * <pre>
 *   L(A, B) = ½ |𝒮(s B A) − 𝒮(W*)|²,   𝒮(W)_k = ⟨S_k, W⟩ / √p,   g = 𝒮ᵀ𝒮(s B A − W*)
 * </pre>
 *
 * with p matrices S_k of independent standard normal entries, so that 𝒮ᵀ𝒮 is close to the
 * identity on matrices of low rank; with p = 0, 𝒮 is the identity. W* = U diag(σ) Vᵀ with
 * orthonormal U and V and σ falling geometrically from 1 to 1 / condition.
 *
 * <p>It is the setting in which AltLoRA's theorem 7 can be seen (arXiv 2505.12455): the rate of
 * plain gradient descent on the factors falls with the condition number.
 */
public final class MatrixSensing implements AutoCloseable {

    /**
     * What is to be recovered, and from where.
     *
     * @param out rows of W, m
     * @param in columns of W, n
     * @param rank the rank of W* and of the pair, r
     * @param measurements p; 0 observes every entry
     * @param condition σ₁ / σᵣ of W*, at least 1
     * @param scaling s
     * @param startB standard deviation of the entries of B at the start; 0 is LoRA's. Those of A
     *     have 1 / √in
     */
    public record Setting(
            int out,
            int in,
            int rank,
            int measurements,
            double condition,
            double scaling,
            double startB) {

        public Setting {
            if (rank < 1 || rank > Math.min(out, in) || measurements < 0 || !(condition >= 1)) {
                throw new IllegalArgumentException(
                        "a matrix ("
                                + out
                                + ", "
                                + in
                                + ") of rank "
                                + rank
                                + " and condition "
                                + condition
                                + " from "
                                + measurements
                                + " measurements: the rank must be from 1 to the smaller side, the"
                                + " condition at least 1, the measurements not negative");
            }
        }
    }

    private final NDManager manager = NDManager.newBaseManager();
    private final NDArray sensing;
    private final NDArray target;
    private final PairStack stack;

    /** With every random number drawn from the seed. */
    public MatrixSensing(Setting setting, long seed) {
        var random = new Random(seed);
        int m = setting.out();
        int n = setting.in();
        int r = setting.rank();
        target = Arrays.nativeCopy(manager, truth(setting, random), new Shape(m * n, 1));
        sensing = setting.measurements() == 0 ? null : sensing(setting, random);
        var a = gaussian(r * n, 1 / Math.sqrt(n), random);
        var b = gaussian(m * r, setting.startB(), random);
        stack =
                new PairStack(
                        List.of("W"),
                        Arrays.nativeCopy(manager, a, new Shape(1, r, n)),
                        Arrays.nativeCopy(manager, b, new Shape(1, m, r)),
                        setting.scaling());
    }

    private NDArray sensing(Setting setting, Random random) {
        int entries = setting.out() * setting.in();
        int p = setting.measurements();
        return Arrays.nativeCopy(
                manager, gaussian(p * entries, 1 / Math.sqrt(p), random), new Shape(p, entries));
    }

    /** The pair, as an optimizer takes it. It moves in place. */
    public PairStack stack() {
        return stack;
    }

    /**
     * Replaces (B, A) by (B R⁻¹, R A): other factors of the same product.
     *
     * @param change R (r, r), invertible
     */
    public void changeBasis(double[][] change) {
        var r = new DMatrixRMaj(change);
        var inverse = new DMatrixRMaj(r.numRows, r.numCols);
        if (!CommonOps_DDRM.invert(r.copy(), inverse)
                || MatrixFeatures_DDRM.hasUncountable(inverse)) {
            throw new IllegalArgumentException("the change of basis is singular: " + r);
        }
        try (var scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            var shape = new Shape(1, r.numRows, r.numCols);
            var a = manager.create(r.data, shape).matMul(stack.loraA());
            var b = stack.loraB().matMul(manager.create(inverse.data, shape));
            Arrays.assign(stack.loraA(), a);
            Arrays.assign(stack.loraB(), b);
        }
    }

    /** dL/dA = s Bᵀg and dL/dB = s g Aᵀ at the present factors. The caller closes it. */
    public PairGradient gradient() {
        try (var scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            var b = stack.loraB();
            var a = stack.loraA();
            var g = residual();
            if (sensing != null) {
                g = sensing.transpose().matMul(sensing.matMul(g));
            }
            g = g.reshape(1, stack.out(), stack.in());
            var gradA = b.transpose(0, 2, 1).matMul(g).mul(stack.scaling());
            var gradB = g.matMul(a.transpose(0, 2, 1)).mul(stack.scaling());
            NDScope.unregister(gradA, gradB);
            return new PairGradient(gradA, gradB);
        }
    }

    /** L at the present factors. */
    public double loss() {
        try (var scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            var misfit = residual();
            var seen = sensing == null ? misfit : sensing.matMul(misfit);
            return 0.5 * seen.mul(seen).sum().toDoubleArray()[0];
        }
    }

    /** |s B A − W*| / |W*|. */
    public double relativeError() {
        try (var scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            return residual().norm().toDoubleArray()[0] / target.norm().toDoubleArray()[0];
        }
    }

    /** s B A, row by row. */
    public double[] product() {
        try (var scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            return current().toDoubleArray();
        }
    }

    /** W*, row by row. */
    public double[] target() {
        return target.toDoubleArray();
    }

    /** s B A − W*, (m n, 1). */
    private NDArray residual() {
        return current().sub(target);
    }

    private NDArray current() {
        return stack.loraB().matMul(stack.loraA()).mul(stack.scaling()).reshape(target.getShape());
    }

    private static double[] truth(Setting setting, Random random) {
        int r = setting.rank();
        var u = RandomMatrices_DDRM.orthogonal(setting.out(), r, random);
        var v = RandomMatrices_DDRM.orthogonal(setting.in(), r, random);
        for (int j = 0; j < r; j++) {
            double fall = r == 1 ? 0 : (double) j / (r - 1);
            double sigma = Math.pow(setting.condition(), -fall);
            for (int i = 0; i < u.numRows; i++) {
                u.set(i, j, sigma * u.get(i, j));
            }
        }
        return CommonOps_DDRM.multTransB(u, v, null).data;
    }

    private static double[] gaussian(int count, double deviation, Random random) {
        var values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = deviation * random.nextGaussian();
        }
        return values;
    }

    @Override
    public void close() {
        manager.close();
    }
}
