package org.lowrank.diagnostics;

import static org.lowrank.engine.Arrays.transposed;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.ejml.dense.row.CommonOps_DDRM;
import org.lowrank.adapter.LoraPair;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.engine.Arrays;
import org.lowrank.engine.HostTrip;

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
                    "%s: the full gradient must have the shape of the weight, %s, not %s"
                            .formatted(pair.path(), expected, fullGradient.getShape()));
        }
        try (var scratch = fullGradient.getManager().newSubManager();
                var trip = new HostTrip(scratch)) {
            var stack =
                    new PairStack(
                            List.of(pair.path()),
                            Arrays.upcast(pair.loraA(), scratch).expandDims(0),
                            Arrays.upcast(pair.loraB(), scratch).expandDims(0),
                            pair.scaling());
            var moves = upcast(scratch, directions);
            var one = new PairGradient(moves.gradA().expandDims(0), moves.gradB().expandDims(0));
            var g = Arrays.upcast(fullGradient, scratch).expandDims(0);
            var raw =
                    new PairGradient(
                            transposed(stack.loraB()).matMul(g).mul(pair.scaling()),
                            g.matMul(transposed(stack.loraA())).mul(pair.scaling()));
            var squared = trip.down(sum(g, g));
            var products = new Products(trip, stack, raw, one);
            trip.fetch();
            return products.discrepancy(0, Math.sqrt(squared.at(0).get(0, 0)));
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
                    "one norm of the full gradient a pair: there are %s pairs, but %s norms"
                            .formatted(stack.size(), fullNorms.length));
        }
        try (var scratch = stack.loraA().getManager().newSubManager();
                var trip = new HostTrip(scratch)) {
            var wide =
                    new PairStack(
                            stack.paths(),
                            Arrays.upcast(stack.loraA(), scratch),
                            Arrays.upcast(stack.loraB(), scratch),
                            stack.scaling());
            var products =
                    new Products(trip, wide, upcast(scratch, raw), upcast(scratch, directions));
            trip.fetch();
            var result = new Discrepancy[stack.size()];
            for (int i = 0; i < result.length; i++) {
                result[i] = products.discrepancy(i, fullNorms[i]);
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

    private static PairGradient upcast(NDManager owner, PairGradient gradient) {
        return new PairGradient(
                Arrays.upcast(gradient.gradA(), owner), Arrays.upcast(gradient.gradB(), owner));
    }

    /** ⟨x, y⟩ of each pair, (layers, 1, 1). */
    private static NDArray sum(NDArray x, NDArray y) {
        return x.mul(y).sum(new int[] {1, 2}).reshape(x.getShape().get(0), 1, 1);
    }

    /** The small products of a stack of float64 arrays. */
    private record Products(
            double scaling,
            HostTrip.Small gramA,
            HostTrip.Small gramB,
            HostTrip.Small movesA,
            HostTrip.Small movesB,
            HostTrip.Small crossA,
            HostTrip.Small crossB,
            HostTrip.Small inner) {

        Products(HostTrip trip, PairStack stack, PairGradient raw, PairGradient moves) {
            this(
                    stack.scaling(),
                    trip.down(stack.loraA().matMul(transposed(stack.loraA()))),
                    trip.down(transposed(stack.loraB()).matMul(stack.loraB())),
                    trip.down(moves.gradA().matMul(transposed(moves.gradA()))),
                    trip.down(transposed(moves.gradB()).matMul(moves.gradB())),
                    trip.down(moves.gradA().matMul(transposed(stack.loraA()))),
                    trip.down(transposed(stack.loraB()).matMul(moves.gradB())),
                    trip.down(
                            sum(raw.gradA(), moves.gradA()).add(sum(raw.gradB(), moves.gradB()))));
        }

        Discrepancy discrepancy(int i, double fullNorm) {
            double square =
                    dot(gramB, movesA, i) + dot(movesB, gramA, i) + 2 * dot(crossB, crossA, i);
            double norm = scaling * Math.sqrt(Math.max(0, square));
            return new Discrepancy(fullNorm, norm, inner.at(i).get(0, 0));
        }

        private static double dot(HostTrip.Small x, HostTrip.Small y, int i) {
            return CommonOps_DDRM.elementSum(CommonOps_DDRM.elementMult(x.at(i), y.at(i), null));
        }
    }
}
