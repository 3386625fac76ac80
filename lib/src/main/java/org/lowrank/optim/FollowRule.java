package org.lowrank.optim;

import java.util.List;
import org.lowrank.adapter.PairGradient;
import org.lowrank.rule.GradientRule;
import org.lowrank.rule.PairAlgebra;

/**
 * Directions of a gradient rule in place of the raw gradients. Before {@link AdamMoments} this is
 * LoRA-Pro with AdamW in efficient mode (arXiv 2407.18242, version 2, algorithm 2) or scaled AdamW
 * (arXiv 2402.02347); with decay alone, algorithm 1 of LoRA-Pro and scaled SGD. Plain LoRA follows
 * no rule.
 */
public record FollowRule(GradientRule rule) implements OptimizerStage {

    @Override
    public Needs needs(long step) {
        return Needs.PRODUCT;
    }

    @Override
    public boolean refusesNonFinite() {
        return true;
    }

    @Override
    public List<PairGradient> apply(OptimizerStep step, List<PairGradient> raw) {
        try (var algebra = PairAlgebra.of(step.stacks(), raw, step.draws())) {
            return algebra.apply(algebra.coefficients(rule));
        }
    }
}
