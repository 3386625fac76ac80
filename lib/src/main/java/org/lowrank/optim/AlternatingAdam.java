package org.lowrank.optim;

import java.util.List;
import org.lowrank.config.Option;
import org.lowrank.config.OptionValues;

/**
 * Adam on one factor a step: LoRA in the update orders of AltLoRA's table 9 (arXiv 2505.12455).
 * Bias correction counts the steps of a factor's own, as PyTorch's AdamW does for a parameter that
 * has no gradient at every other step.
 */
record AlternatingAdam(UpdateOrder order, AdamMoments adam) implements AdamStage {

    static final List<Option<?>> OPTIONS =
            Option.all(List.of(AlignedMoments.ORDER), AdamMoments.OPTIONS);

    static AlternatingAdam from(OptionValues o) {
        return new AlternatingAdam(o.get(AlignedMoments.ORDER), AdamMoments.from(o));
    }

    @Override
    public List<String> names() {
        return adam.names();
    }

    @Override
    public Needs needs(long step) {
        var needs = adam.needs(step).withReads(order.moving(step));
        // AdaLoRA prunes by the gradients of both factors at every step
        return order == UpdateOrder.JOINT ? needs : needs.withProductGradients();
    }

    @Override
    public FactorStep counted(FactorStep f) {
        return order == UpdateOrder.JOINT ? f : f.counted((f.number() + 1) / 2);
    }
}
