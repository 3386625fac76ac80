package org.lowrank.rule;

import static org.lowrank.engine.Arrays.copy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.MatrixFeatures_DDRM;
import org.lowrank.adapter.LoraPair;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.engine.HostTrip;
import org.lowrank.linalg.DivergedException;

/**
 * One step's rule over all stacks of equal pairs, so that a rule itself is r x r algebra alone.
 *
 * <p>Each factor is laid beside its gradient, [A; gᴬ] (layers, 2r, in) and [B gᴮ] (layers, out,
 * 2r), in float64; one product a side gives all r x r blocks, one transfer brings those of all
 * stacks to the host, the rule works there pair by pair in parallel, one transfer sends its
 * coefficients back, and one product a side applies them. Closing frees what lives on the device
 * but the directions.
 */
public final class PairAlgebra implements AutoCloseable {

    private final List<PairStack> stacks;
    private final Draws draws;
    private final NDManager scratch;
    private final HostTrip trip;
    private final List<Side> sidesA = new ArrayList<>();
    private final List<Side> sidesB = new ArrayList<>();
    private final List<HostTrip.Small> ofA = new ArrayList<>();
    private final List<HostTrip.Small> ofB = new ArrayList<>();
    private List<PairGrams[]> grams;

    private PairAlgebra(List<PairStack> stacks, List<PairGradient> raw, Draws draws) {
        if (stacks.size() != raw.size()) {
            throw new IllegalArgumentException(
                    "one gradient a stack: there are %d stacks, but %d gradients"
                            .formatted(stacks.size(), raw.size()));
        }
        this.stacks = stacks;
        this.draws = draws;
        scratch = stacks.get(0).loraA().getManager().newSubManager();
        trip = new HostTrip(scratch);
        for (int i = 0; i < stacks.size(); i++) {
            sidesA.add(Side.of(scratch, stacks.get(i).loraA(), raw.get(i).gradA(), 1));
            sidesB.add(Side.of(scratch, stacks.get(i).loraB(), raw.get(i).gradB(), 2));
        }
    }

    /**
     * @param raw the raw gradients of each stack, neither changed nor closed; one that is null
     *     counts as 0 and gets no direction
     */
    public static PairAlgebra of(List<PairStack> stacks, List<PairGradient> raw) {
        return of(stacks, raw, Draws.NONE);
    }

    /** The same for a step of a run, in which a rule may draw. */
    public static PairAlgebra of(List<PairStack> stacks, List<PairGradient> raw, Draws draws) {
        var algebra = new PairAlgebra(stacks, raw, draws);
        algebra.announce(Side::both);
        return algebra;
    }

    /** The products of a part of each side with its factor. */
    private void announce(Function<Side, NDArray> part) {
        for (int i = 0; i < stacks.size(); i++) {
            ofA.add(trip.down(sidesA.get(i).onFactor(part.apply(sidesA.get(i)))));
            ofB.add(trip.down(sidesB.get(i).onFactor(part.apply(sidesB.get(i)))));
        }
    }

    /** The transfer of the Gram matrices: what is announced before {@link #grams} comes along. */
    public HostTrip trip() {
        return trip;
    }

    /**
     * AAᵀ, BᵀB, gᴬ Aᵀ and Bᵀ gᴮ of all pairs, fetched at the first call.
     *
     * @throws DivergedException if a factor or a gradient is not finite; the message begins with
     *     the path of the pair
     */
    public List<PairGrams[]> grams() {
        if (grams == null) {
            trip.fetch();
            var all = stacks.stream().map(stack -> new PairGrams[stack.size()]).toList();
            PairStack.forEachPair(
                    stacks,
                    false, // too little work to wake a thread for
                    (stack, layer) -> {
                        var a = ofA.get(stack).at(layer);
                        var b = ofB.get(stack).at(layer);
                        var of = stacks.get(stack);
                        long draw = draws.of(of.paths().get(layer));
                        all.get(stack)[layer] = PairGrams.of(a, b, of.scaling(), draw);
                    });
            grams = all;
        }
        return grams;
    }

    /**
     * The rule's coefficients for each pair.
     *
     * @throws DivergedException as the rule and {@link #grams}; the message begins with the path
     */
    public List<Coefficients[]> coefficients(GradientRule rule) {
        return coefficients(rule, grams());
    }

    /** The same for matrices that are not those of a gradient. */
    public List<Coefficients[]> coefficients(GradientRule rule, List<PairGrams[]> of) {
        var all = of.stream().map(stack -> new Coefficients[stack.length]).toList();
        PairStack.forEachPair(
                stacks,
                (stack, layer) -> all.get(stack)[layer] = rule.coefficients(of.get(stack)[layer]));
        return all;
    }

    /**
     * gᴬ = leftA gᴬ_lora + mixA A and gᴮ = gᴮ_lora rightB + B mixB, in the type of the factors and
     * attached to their manager; null where the gradient is. Coefficients that are 0 or I for every
     * pair of a stack are neither sent nor multiplied.
     *
     * <p>The products run in float64: the two terms of gᴮ cancel by as much as B is
     * ill-conditioned.
     */
    public List<PairGradient> apply(List<Coefficients[]> coefficients) {
        var announced = new ArrayList<Supplier<PairGradient>>();
        for (int i = 0; i < stacks.size(); i++) {
            var stack = stacks.get(i);
            var c = coefficients.get(i);
            var mixA = each(c, Coefficients::mixA);
            var a = announce(sidesA.get(i), mixA, each(c, Coefficients::leftA));
            var mixB = each(c, Coefficients::mixB);
            var b = announce(sidesB.get(i), mixB, each(c, Coefficients::rightB));
            announced.add(
                    () -> new PairGradient(as(a.get(), stack.loraA()), as(b.get(), stack.loraB())));
        }
        trip.send();
        return announced.stream().map(Supplier::get).toList();
    }

    /** Announces the coefficients of one factor of a stack; what they make, once they are sent. */
    private Supplier<NDArray> announce(Side side, DMatrixRMaj[] mix, DMatrixRMaj[] own) {
        if (!side.hasGradient()) {
            return () -> null;
        }
        if (!isZero(mix)) {
            var sent = trip.up(side.beside(mix, own));
            return () -> side.times(sent, side.both());
        }
        if (isZero(own)) {
            return () -> side.gradient().zerosLike();
        }
        if (Arrays.stream(own).allMatch(m -> MatrixFeatures_DDRM.isIdentity(m, 0))) {
            return side::gradient;
        }
        var sent = trip.up(own);
        return () -> side.times(sent, side.gradient());
    }

    private static boolean isZero(DMatrixRMaj[] matrices) {
        return Arrays.stream(matrices).allMatch(m -> CommonOps_DDRM.elementMaxAbs(m) == 0);
    }

    private static DMatrixRMaj[] each(
            Coefficients[] all, Function<Coefficients, DMatrixRMaj> part) {
        return Arrays.stream(all).map(part).toArray(DMatrixRMaj[]::new);
    }

    private static NDArray as(NDArray direction, NDArray factor) {
        return direction == null
                ? null
                : copy(direction, factor.getDataType(), factor.getManager());
    }

    /**
     * The same factors with other gradients: the Gram matrices and their eigenvalues are kept, two
     * r x r products a pair are new.
     */
    public PairAlgebra with(List<PairGradient> other) {
        var algebra = new PairAlgebra(stacks, other, draws);
        algebra.announce(Side::gradient);
        algebra.trip.fetch();
        var all = grams().stream().map(PairGrams[]::clone).toList();
        PairStack.forEachPair(
                stacks,
                (stack, layer) -> {
                    var a = algebra.ofA.get(stack).at(layer);
                    var b = algebra.ofB.get(stack).at(layer);
                    all.get(stack)[layer] = all.get(stack)[layer].with(a, b);
                });
        algebra.grams = all;
        return algebra;
    }

    /** The directions of a rule for every pair of every stack. */
    public static List<PairGradient> project(
            GradientRule rule, List<PairStack> stacks, List<PairGradient> raw) {
        try (var algebra = of(stacks, raw)) {
            return algebra.apply(algebra.coefficients(rule));
        }
    }

    /** The directions of a rule for one pair, attached to the manager of the raw gradient of A. */
    public static PairGradient project(GradientRule rule, LoraPair pair, PairGradient raw) {
        var owner = raw.gradA().getManager();
        try (var views = owner.newSubManager()) {
            views.tempAttachAll(pair.loraA(), pair.loraB(), raw.gradA(), raw.gradB());
            var stack =
                    new PairStack(
                            List.of(pair.path()),
                            pair.loraA().expandDims(0),
                            pair.loraB().expandDims(0),
                            pair.scaling());
            var gradient = new PairGradient(raw.gradA().expandDims(0), raw.gradB().expandDims(0));
            var found = project(rule, List.of(stack), List.of(gradient)).get(0);
            var result = new PairGradient(found.gradA().squeeze(0), found.gradB().squeeze(0));
            result.gradA().attach(owner);
            result.gradB().attach(owner);
            return result;
        }
    }

    @Override
    public void close() {
        trip.close();
        scratch.close();
    }

    /**
     * A factor of a stack beside its gradient, or alone where that is null, in float64.
     *
     * @param both [A; gᴬ] (layers, 2r, in) or [B gᴮ] (layers, out, 2r)
     * @param axis along which the two lie, 1 for A and 2 for B
     */
    private record Side(NDArray both, int axis, boolean hasGradient) {

        static Side of(NDManager owner, NDArray factor, NDArray gradient, int axis) {
            if (gradient == null) {
                var copy = factor.toType(DataType.FLOAT64, true);
                copy.attach(owner);
                return new Side(copy, axis, false);
            }
            var both = NDArrays.concat(new NDList(factor, gradient), axis);
            both.attach(owner);
            return new Side(both.toType(DataType.FLOAT64, false), axis, true);
        }

        NDArray gradient() {
            return half(1);
        }

        private NDArray half(int which) {
            long rank = both.getShape().get(axis) / 2;
            var index = new NDIndex().addAllDim(axis);
            return both.get(index.addSliceDim(which * rank, (which + 1) * rank));
        }

        /** x Aᵀ or Bᵀ x. */
        NDArray onFactor(NDArray x) {
            var factor = (hasGradient ? half(0) : both).transpose(0, 2, 1);
            return axis == 1 ? x.matMul(factor) : factor.matMul(x);
        }

        /** [mix left] or [mix; right] of every pair. */
        DMatrixRMaj[] beside(DMatrixRMaj[] mix, DMatrixRMaj[] own) {
            var all = new DMatrixRMaj[mix.length];
            for (int i = 0; i < all.length; i++) {
                all[i] =
                        axis == 1
                                ? CommonOps_DDRM.concatColumnsMulti(mix[i], own[i])
                                : CommonOps_DDRM.concatRowsMulti(mix[i], own[i]);
            }
            return all;
        }

        /** [mix left] x or x [mix; right]. */
        NDArray times(HostTrip.Small sent, NDArray x) {
            var coefficients = sent.array(DataType.FLOAT64);
            return axis == 1 ? coefficients.matMul(x) : x.matMul(coefficients);
        }
    }
}
