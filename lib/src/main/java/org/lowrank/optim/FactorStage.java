package org.lowrank.optim;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.rule.Factors;

/**
 * A stage that treats every factor by itself, A, B and an array that is no factor alike: moments,
 * signs, decay.
 */
public interface FactorStage extends OptimizerStage {

    /**
     * @param g the gradient or direction so far, not to be changed
     * @return a new array, or {@code g} itself
     */
    NDArray direction(FactorStep f, NDArray g);

    /** What it keeps of each factor, in the factor's shape; NAME is kept as NAMEA and NAMEB. */
    default List<String> names() {
        return List.of();
    }

    @Override
    default List<PairGradient> apply(OptimizerStep step, List<PairGradient> directions) {
        var result = new ArrayList<PairGradient>();
        for (int i = 0; i < directions.size(); i++) {
            var g = directions.get(i);
            result.add(
                    new PairGradient(
                            g.gradA() == null ? null : direction(step.ofA(i), g.gradA()),
                            g.gradB() == null ? null : direction(step.ofB(i), g.gradB())));
        }
        return result;
    }

    @Override
    default List<StateArray> keeps(PairStack stack, Factors moving) {
        var arrays = new ArrayList<StateArray>();
        for (var name : names()) {
            if (moving.includeA()) {
                arrays.add(StateArray.like(name + "A", stack.loraA()));
            }
            if (moving.includeB()) {
                arrays.add(StateArray.like(name + "B", stack.loraB()));
            }
        }
        return arrays;
    }
}
