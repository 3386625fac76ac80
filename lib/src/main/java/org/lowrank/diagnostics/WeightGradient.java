package org.lowrank.diagnostics;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.lowrank.adapter.LoraPair;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.engine.Arrays;
import org.lowrank.rule.Factors;
import org.lowrank.rule.GradientRule;
import org.lowrank.rule.LeastDistance;
import org.lowrank.rule.PairAlgebra;

/**
 * The full gradient g of one adapted weight as its pair sees it: s Bᵀg, s gAᵀ and |g|, in float64
 * at a copy of the factors. That is all that a {@link Discrepancy} needs, so g itself need not be
 * kept until the factors have moved.
 */
public final class WeightGradient implements AutoCloseable {

    private final NDManager manager;
    private final PairStack at;
    private final PairGradient raw;
    private final double norm;

    /**
     * Takes what is needed of g; one pass over it.
     *
     * @param pair the factors at which g was taken; copied
     * @param fullGradient g (out, in), or as a convolution's weight lies; not kept
     */
    public WeightGradient(LoraPair pair, NDArray fullGradient) {
        manager = fullGradient.getManager().newSubManager();
        at = stack(pair, manager);
        try (var scratch = manager.newSubManager()) {
            var shape =
                    new Shape(1, pair.loraB().getShape().get(0), pair.loraA().getShape().get(1));
            var g = Arrays.upcast(fullGradient, scratch).reshape(shape);
            var a = at.loraB().transpose(0, 2, 1).matMul(g).muli(at.scaling());
            var b = g.matMul(at.loraA().transpose(0, 2, 1)).muli(at.scaling());
            a.attach(manager);
            b.attach(manager);
            raw = new PairGradient(a, b);
            norm = g.norm().getDouble();
        }
    }

    /**
     * The gap of a rule at these factors; its move is not known yet.
     *
     * @param moving the factors that move in this step; the direction of the other is 0
     * @throws DivergedException as the rule
     */
    public GradientGap gap(GradientRule rule, Factors moving) {
        try (var scratch = manager.newSubManager()) {
            var directions = project(rule, scratch);
            var moves =
                    new PairGradient(
                            moving.includeA() ? directions.gradA() : directions.gradA().zerosLike(),
                            moving.includeB()
                                    ? directions.gradB()
                                    : directions.gradB().zerosLike());
            return new GradientGap(
                    discrepancy(moves), discrepancy(project(new LeastDistance(), scratch)), null);
        }
    }

    /**
     * How far from g the factors went, to first order: s B ΔA + s ΔB A with the sign of a descent.
     *
     * @param after the factors that the optimizer left
     */
    public Discrepancy move(LoraPair after) {
        try (var scratch = manager.newSubManager()) {
            var to = stack(after, scratch);
            return discrepancy(
                    new PairGradient(at.loraA().sub(to.loraA()), at.loraB().sub(to.loraB())));
        }
    }

    private PairGradient project(GradientRule rule, NDManager owner) {
        var directions = PairAlgebra.project(rule, List.of(at), List.of(raw)).get(0);
        directions.gradA().attach(owner);
        directions.gradB().attach(owner);
        return directions;
    }

    private Discrepancy discrepancy(PairGradient directions) {
        return Discrepancy.of(at, raw, directions, new double[] {norm})[0];
    }

    private static PairStack stack(LoraPair pair, NDManager owner) {
        return new PairStack(
                List.of(pair.path()),
                Arrays.upcast(pair.loraA(), owner).expandDims(0),
                Arrays.upcast(pair.loraB(), owner).expandDims(0),
                pair.scaling());
    }

    @Override
    public void close() {
        manager.close();
    }
}
