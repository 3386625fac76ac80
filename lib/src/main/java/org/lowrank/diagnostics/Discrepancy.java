package org.lowrank.diagnostics;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.lowrank.adapter.LoraPair;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.rule.Download;

/**
 * How far the equivalent gradient g̃ = s B gᴬ + s gᴮ A of any directions is from the full gradient
 * g.
 *
 * <pre>
 *   |g̃|²   = s² ( ⟨BᵀB, gᴬgᴬᵀ⟩ + ⟨gᴮᵀgᴮ, AAᵀ⟩ + 2 ⟨Bᵀgᴮ, gᴬAᵀ⟩ )
 *   ⟨g, g̃⟩ = s ⟨Bᵀg, gᴬ⟩ + s ⟨gAᵀ, gᴮ⟩ = ⟨gᴬ_lora, gᴬ⟩ + ⟨gᴮ_lora, gᴮ⟩
 * </pre>
 *
 * so no m x n product is formed. The sums are in float64. A distance comes from the difference of
 * squares and is good to about 1e-8 of |g|.
 *
 * @param fullNorm |g|
 * @param equivalentNorm |g̃|
 * @param inner ⟨g, g̃⟩
 */
public record Discrepancy(double fullNorm, double equivalentNorm, double inner) {

    /**
     * From the full gradient as a matrix; it is multiplied by A and B only.
     *
     * @param directions any gᴬ (r, in) and gᴮ (out, r)
     * @param fullGradient g (out, in)
     * @throws IllegalArgumentException if the full gradient does not have the shape of the weight
     */
    public static Discrepancy of(LoraPair pair, PairGradient directions, NDArray fullGradient) {
        var expected = new Shape(pair.loraB().getShape().get(0), pair.loraA().getShape().get(1));
        if (!fullGradient.getShape().equals(expected)) {
            throw new IllegalArgumentException(
                    pair.path()
                            + ": the full gradient must have the shape of the weight, "
                            + expected
                            + ", not "
                            + fullGradient.getShape());
        }
        try (var download = new Download(fullGradient.getManager())) {
            var stack = stacked(download, pair);
            var moves = stacked(download, directions);
            var g = download.upcast(fullGradient).expandDims(0);
            var raw =
                    new PairGradient(
                            stack.loraB().transpose(0, 2, 1).matMul(g).mul(pair.scaling()),
                            g.matMul(stack.loraA().transpose(0, 2, 1)).mul(pair.scaling()));
            var squared = download.array(sum(g, g));
            var requests = new Products(download, stack, raw, moves);
            download.transfer();
            return requests.discrepancy(0, Math.sqrt(squared.matrices()[0].get(0, 0)));
        }
    }

    /**
     * From the raw LoRA gradients, which hold all that is needed of g but its norm.
     *
     * @param raw s Bᵀg and s gAᵀ at the factors of the stack
     * @param directions any gᴬ (layers, r, in) and gᴮ (layers, out, r)
     * @param fullNorms |g| of each pair; NaN where it is not known, which leaves the distance and
     *     the cosine NaN
     * @return one a pair, in the order of the stack
     */
    public static Discrepancy[] of(
            PairStack stack, PairGradient raw, PairGradient directions, double[] fullNorms) {
        if (fullNorms.length != stack.size()) {
            throw new IllegalArgumentException(
                    "one norm of the full gradient a pair: there are "
                            + stack.size()
                            + " pairs, but "
                            + fullNorms.length
                            + " norms");
        }
        try (var download = new Download(stack.loraA().getManager())) {
            var upcast =
                    new PairStack(
                            stack.paths(),
                            download.upcast(stack.loraA()),
                            download.upcast(stack.loraB()),
                            stack.scaling());
            var requests =
                    new Products(
                            download, upcast, upcast(download, raw), upcast(download, directions));
            download.transfer();
            var result = new Discrepancy[stack.size()];
            for (int i = 0; i < result.length; i++) {
                result[i] = requests.discrepancy(i, fullNorms[i]);
            }
            return result;
        }
    }

    /** |g̃ − g|. */
    public double distance() {
        double square = fullNorm * fullNorm - 2 * inner + equivalentNorm * equivalentNorm;
        return Math.sqrt(Math.max(0, square));
    }

    /** |g̃ − g| / |g|. */
    public double relativeDistance() {
        return distance() / fullNorm;
    }

    /** ⟨g, g̃⟩ / (|g| |g̃|), in [-1, 1]; NaN if one of them is 0. */
    public double cosine() {
        return Math.max(-1, Math.min(1, inner / (fullNorm * equivalentNorm)));
    }

    /** The angle between g and g̃ in degrees. */
    public double angle() {
        return Math.toDegrees(Math.acos(cosine()));
    }

    private static PairStack stacked(Download download, LoraPair pair) {
        return new PairStack(
                List.of(pair.path()),
                download.upcast(pair.loraA()).expandDims(0),
                download.upcast(pair.loraB()).expandDims(0),
                pair.scaling());
    }

    private static PairGradient stacked(Download download, PairGradient gradient) {
        return new PairGradient(
                download.upcast(gradient.gradA()).expandDims(0),
                download.upcast(gradient.gradB()).expandDims(0));
    }

    private static PairGradient upcast(Download download, PairGradient gradient) {
        return new PairGradient(
                download.upcast(gradient.gradA()), download.upcast(gradient.gradB()));
    }

    /** ⟨x, y⟩ of each pair, (layers, 1, 1). */
    private static NDArray sum(NDArray x, NDArray y) {
        return x.mul(y).sum(new int[] {1, 2}).reshape(x.getShape().get(0), 1, 1);
    }

    /** The small products of a stack of float64 arrays. */
    private record Products(
            double scaling,
            Download.Request gramA,
            Download.Request gramB,
            Download.Request movesA,
            Download.Request movesB,
            Download.Request crossA,
            Download.Request crossB,
            Download.Request inner) {

        Products(Download download, PairStack stack, PairGradient raw, PairGradient moves) {
            this(
                    stack.scaling(),
                    download.productTransposedRight(stack.loraA(), stack.loraA()),
                    download.productTransposedLeft(stack.loraB(), stack.loraB()),
                    download.productTransposedRight(moves.gradA(), moves.gradA()),
                    download.productTransposedLeft(moves.gradB(), moves.gradB()),
                    download.productTransposedRight(moves.gradA(), stack.loraA()),
                    download.productTransposedLeft(stack.loraB(), moves.gradB()),
                    download.array(
                            sum(raw.gradA(), moves.gradA()).add(sum(raw.gradB(), moves.gradB()))));
        }

        Discrepancy discrepancy(int i, double fullNorm) {
            double square =
                    dot(gramB, movesA, i) + dot(movesB, gramA, i) + 2 * dot(crossB, crossA, i);
            double norm = scaling * Math.sqrt(Math.max(0, square));
            return new Discrepancy(fullNorm, norm, inner.matrices()[i].get(0, 0));
        }

        private static double dot(Download.Request x, Download.Request y, int i) {
            DMatrixRMaj product =
                    CommonOps_DDRM.elementMult(x.matrices()[i], y.matrices()[i], null);
            return CommonOps_DDRM.elementSum(product);
        }
    }
}
