package org.lowrank.optim;

import static org.lowrank.engine.Arrays.as;
import static org.lowrank.engine.Arrays.float64;
import static org.lowrank.engine.Arrays.norm;

import java.util.List;
import org.lowrank.adapter.PairGradient;

/**
 * After a step, scales A and B to equal Frobenius norms; their product stays.
 *
 * <p>Source: {@code balance_param} of LoRA-RITE's code.
 */
public record Balance() implements OptimizerStage {

    @Override
    public Needs needs(long step) {
        return Needs.NONE.withMoveWithoutGradient(true);
    }

    @Override
    public List<PairGradient> apply(OptimizerStep step, List<PairGradient> directions) {
        return directions;
    }

    @Override
    public void after(OptimizerStep step) {
        for (var stack : step.stacks()) {
            var normA = norm(float64(stack.loraA())).addi(1e-6);
            var normB = norm(float64(stack.loraB())).addi(1e-6);
            var middle = normA.mul(normB).sqrt();
            stack.loraA().muli(as(middle.div(normA), stack.loraA()));
            stack.loraB().muli(as(middle.div(normB), stack.loraB()));
        }
    }
}
