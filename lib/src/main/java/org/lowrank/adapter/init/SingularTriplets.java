package org.lowrank.adapter.init;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.SplittableRandom;
import org.lowrank.engine.TorchLinalg;

/**
 * The leading singular values and vectors of a matrix, in float64: M ≈ U diag(S) Vᵀ.
 *
 * @param u (m, k), orthonormal columns
 * @param s (k), descending
 * @param v (n, k), orthonormal columns
 */
record SingularTriplets(NDArray u, NDArray s, NDArray v) {

    /** Below this share of the largest one, a singular value counts as zero. */
    private static final double ZERO = 1e-12;

    /**
     * From the eigenvectors of the smaller of MᵀM and MMᵀ. Forming the Gram matrix squares the
     * condition number: in float64 a triplet is good to about 1e-16 (S1/Si)², far more than a
     * float32 factor holds for the leading ones that are asked for here.
     *
     * @param matrix (m, n) of any floating type
     * @param count k, at most min(m, n)
     * @param owner of the results
     */
    static SingularTriplets exact(NDArray matrix, int count, NDManager owner) {
        try (var scratch = owner.newSubManager()) {
            var wide = in(scratch, matrix.toType(DataType.FLOAT64, true));
            boolean turned = matrix.getShape().get(0) < matrix.getShape().get(1);
            var tall = turned ? wide.transpose() : wide;
            var vectors = TorchLinalg.EIGH.apply(tall.transpose().matMul(tall)).get(1);
            return of(tall, leading(vectors, count), turned, owner);
        }
    }

    /**
     * By subspace iteration: Q from the QR of MΩ, then {@code iterations} times Q from the QR of
     * MᵀQ and of MQ, then the exact triplets of QᵀM.
     *
     * @param width columns of Ω, at least {@code count}; cut to min(m, n)
     * @param random draws Ω
     * @see <a href="https://arxiv.org/abs/0909.4061">Halko, Martinsson and Tropp, algorithm 4.4</a>
     */
    static SingularTriplets randomized(
            NDArray matrix,
            int count,
            int width,
            int iterations,
            SplittableRandom random,
            NDManager owner) {
        try (var scratch = owner.newSubManager()) {
            var wide = in(scratch, matrix.toType(DataType.FLOAT64, true));
            var turned = wide.transpose();
            long m = matrix.getShape().get(0);
            long n = matrix.getShape().get(1);
            int columns = (int) Math.min(width, Math.min(m, n));
            var q = orthonormal(wide.matMul(gaussian(scratch, n, columns, random)));
            for (int i = 0; i < iterations; i++) {
                q = orthonormal(turned.matMul(q));
                q = orthonormal(wide.matMul(q));
            }
            var small = exact(turned.matMul(q), count, scratch); // MᵀQ = V diag(S) (QᵀU)ᵀ
            var u = q.matMul(small.v());
            return attached(u, small.s(), small.u(), owner);
        }
    }

    private static NDArray orthonormal(NDArray matrix) {
        return TorchLinalg.QR.apply(matrix).get(0);
    }

    private static NDArray gaussian(NDManager owner, long rows, long columns, SplittableRandom r) {
        var values = new double[Math.toIntExact(rows * columns)];
        for (int i = 0; i < values.length; i++) {
            values[i] = r.nextGaussian();
        }
        return owner.create(values, new Shape(rows, columns));
    }

    /** The last columns, in descending order of their eigenvalues. */
    private static NDArray leading(NDArray vectors, int count) {
        long n = vectors.getShape().get(1);
        return vectors.get(new NDIndex(":, {}:", n - count)).flip(1);
    }

    /** Triplets of a tall matrix from its right singular vectors. */
    private static SingularTriplets of(
            NDArray tall, NDArray right, boolean turned, NDManager owner) {
        var scaled = tall.matMul(right); // U diag(S)
        var s = scaled.norm(2, new int[] {0}, false);
        // a column of U that belongs to no singular value is left zero, not divided by it
        var floor = s.max().mul(ZERO).add(Double.MIN_NORMAL);
        var left = scaled.div(NDArrays.maximum(s, floor));
        return turned ? attached(right, s, left, owner) : attached(left, s, right, owner);
    }

    private static SingularTriplets attached(NDArray u, NDArray s, NDArray v, NDManager owner) {
        return new SingularTriplets(in(owner, u), in(owner, s), in(owner, v));
    }

    private static NDArray in(NDManager manager, NDArray array) {
        array.attach(manager);
        return array;
    }
}
