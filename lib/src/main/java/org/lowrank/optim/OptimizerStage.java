package org.lowrank.optim;

import java.util.List;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.linalg.DivergedException;
import org.lowrank.rule.Factors;

/**
 * One part of an optimizer: directions in, directions out. A chain of them is a {@link
 * PairOptimizer}. The first is given the raw gradients, and what the last gives back is subtracted
 * from the factors at the learning rate.
 *
 * <p>It may refuse a step only before it writes to what it keeps, so that all pairs move or none
 * does; stages that refuse come first.
 */
public interface OptimizerStage {

    /**
     * @param directions one a stack, not to be changed; null where a factor stays
     * @return new directions, or the same
     * @throws DivergedException if the step is not defined for a pair; the message begins with its
     *     path
     */
    List<PairGradient> apply(OptimizerStep step, List<PairGradient> directions);

    /**
     * What it asks for.
     *
     * @param step from 1
     */
    default Needs needs(long step) {
        return Needs.NONE;
    }

    /** Once the factors have moved. */
    default void after(OptimizerStep step) {}

    /**
     * The arrays that it keeps between steps: zeros at first, then saved, resumed and regrouped by
     * path.
     *
     * @param moving the factors that the chain moves at some step
     */
    default List<StateArray> keeps(PairStack stack, Factors moving) {
        return List.of();
    }

    /**
     * True if it refuses a gradient that is not finite, by the path of its pair, before anything is
     * written; if no stage does, the chain looks at one number a factor itself.
     */
    default boolean refusesNonFinite() {
        return false;
    }
}
