package org.lowrank.optim;

import java.util.List;
import org.lowrank.adapter.PairGradient;
import org.lowrank.rule.Factors;

/**
 * LoRA-FA: A stays where it started, has no direction and no state; B alone moves. Behind it, B
 * follows its raw gradient as in the paper, or {@link FollowRule} with the B-step of {@code
 * rule.AltLora} as in PEFT's {@code lorafa.py}.
 *
 * <p>Source: LoRA-FA, arXiv 2308.03303.
 */
public record FrozenA() implements OptimizerStage {

    @Override
    public Needs needs(long step) {
        // AdaLoRA prunes by the gradients of both factors, so it has no use of a frozen one
        return new Needs(Factors.B, true, true, false, false);
    }

    @Override
    public List<PairGradient> apply(OptimizerStep step, List<PairGradient> directions) {
        return directions;
    }
}
