package org.lowrank.rule;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.List;
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
    private final List<WideFactors> wide = new ArrayList<>();
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
            wide.add(WideFactors.of(scratch, stacks.get(i), raw.get(i)));
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
        for (var both : algebra.wide) {
            algebra.ofA.add(algebra.trip.down(both.rows().matMul(both.a().transpose(0, 2, 1))));
            algebra.ofB.add(algebra.trip.down(both.b().transpose(0, 2, 1).matMul(both.columns())));
        }
        return algebra;
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
        var termsA = new ArrayList<StackTerm>();
        var termsB = new ArrayList<StackTerm>();
        for (int i = 0; i < stacks.size(); i++) {
            var c = coefficients.get(i);
            termsA.add(
                    wide.get(i).hasGradA()
                            ? StackTerm.of(trip, c, Coefficients::mixA, Coefficients::leftA, true)
                            : null);
            termsB.add(
                    wide.get(i).hasGradB()
                            ? StackTerm.of(trip, c, Coefficients::mixB, Coefficients::rightB, false)
                            : null);
        }
        trip.send();
        var directions = new ArrayList<PairGradient>();
        for (int i = 0; i < stacks.size(); i++) {
            var stack = stacks.get(i);
            var both = wide.get(i);
            var a = termsA.get(i) == null ? null : directionA(termsA.get(i), both);
            var b = termsB.get(i) == null ? null : directionB(termsB.get(i), both);
            directions.add(new PairGradient(as(a, stack.loraA()), as(b, stack.loraB())));
        }
        return directions;
    }

    private static NDArray directionA(StackTerm term, WideFactors both) {
        return switch (term.kind()) {
            case ZERO -> both.gradA().zerosLike();
            case GRADIENT -> both.gradA();
            case PRECONDITIONED -> term.array().matMul(both.gradA());
            case MIXED -> term.array().matMul(both.rows());
        };
    }

    private static NDArray directionB(StackTerm term, WideFactors both) {
        return switch (term.kind()) {
            case ZERO -> both.gradB().zerosLike();
            case GRADIENT -> both.gradB();
            case PRECONDITIONED -> both.gradB().matMul(term.array());
            case MIXED -> both.columns().matMul(term.array());
        };
    }

    /** A new array in the type of the factor, also where the direction is a view. */
    private static NDArray as(NDArray direction, NDArray factor) {
        if (direction == null) {
            return null;
        }
        var result =
                factor.getDataType() == direction.getDataType()
                        ? direction.duplicate()
                        : direction.toType(factor.getDataType(), true);
        result.attach(factor.getManager());
        return result;
    }

    /**
     * The same factors with other gradients: the Gram matrices and their eigenvalues are kept, two
     * r x r products a pair are new.
     */
    public PairAlgebra with(List<PairGradient> other) {
        var algebra = new PairAlgebra(stacks, other, draws);
        for (var both : algebra.wide) {
            var a = both.gradA().matMul(both.a().transpose(0, 2, 1));
            var b = both.b().transpose(0, 2, 1).matMul(both.gradB());
            algebra.ofA.add(algebra.trip.down(a));
            algebra.ofB.add(algebra.trip.down(b));
        }
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
        return project(rule, stacks, raw, Draws.NONE);
    }

    /** The same at a step of a run, in which a rule may draw. */
    public static List<PairGradient> project(
            GradientRule rule, List<PairStack> stacks, List<PairGradient> raw, Draws draws) {
        try (var algebra = of(stacks, raw, draws)) {
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
     * Each factor of a stack beside its gradient, or alone where that is null, in float64.
     *
     * @param rows [A; gᴬ] (layers, 2r, in)
     * @param columns [B gᴮ] (layers, out, 2r)
     */
    private record WideFactors(
            NDArray rows, NDArray columns, long rank, boolean hasGradA, boolean hasGradB) {

        static WideFactors of(NDManager owner, PairStack stack, PairGradient raw) {
            return new WideFactors(
                    wide(owner, stack.loraA(), raw.gradA(), 1),
                    wide(owner, stack.loraB(), raw.gradB(), 2),
                    stack.rank(),
                    raw.gradA() != null,
                    raw.gradB() != null);
        }

        private static NDArray wide(NDManager owner, NDArray factor, NDArray gradient, int axis) {
            if (gradient == null) {
                var copy = factor.toType(DataType.FLOAT64, true);
                copy.attach(owner);
                return copy;
            }
            var both = NDArrays.concat(new NDList(factor, gradient), axis);
            both.attach(owner);
            return both.toType(DataType.FLOAT64, false);
        }

        NDArray a() {
            return hasGradA ? rows.get(part(1, 0)) : rows;
        }

        NDArray gradA() {
            return rows.get(part(1, rank));
        }

        NDArray b() {
            return hasGradB ? columns.get(part(2, 0)) : columns;
        }

        NDArray gradB() {
            return columns.get(part(2, rank));
        }

        private NDIndex part(int axis, long from) {
            var index = new NDIndex().addAllDim(axis);
            return index.addSliceDim(from, from + rank);
        }
    }
}
