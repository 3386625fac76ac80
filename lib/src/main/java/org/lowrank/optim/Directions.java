package org.lowrank.optim;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.engine.Arrays;
import org.lowrank.engine.HostTrip;
import org.lowrank.linalg.DivergedException;
import org.lowrank.rule.GradientRule;
import org.lowrank.rule.LoraFa;
import org.lowrank.rule.PairAlgebra;
import org.lowrank.rule.RawGradient;

/**
 * The directions of a rule for all pairs of a step, or the raw gradients where the rule is none.
 */
final class Directions {

    private Directions() {}

    /**
     * The directions of the factors that the rule moves; those of the others are null.
     *
     * @throws ArithmeticException if a gradient is not finite or the rule is not defined for a
     *     pair; the message begins with its path
     */
    static List<PairGradient> of(
            GradientRule rule, List<PairStack> stacks, List<PairGradient> raw) {
        if (rule instanceof RawGradient || rule instanceof LoraFa fa && !fa.projected()) {
            requireFinite(stacks, raw);
            return raw;
        }
        return PairAlgebra.project(rule, stacks, raw);
    }

    /**
     * Refuses NaN and infinities at the cost of one number a factor in one transfer.
     *
     * @param raw a null gradient is one that this step does not read
     */
    static void requireFinite(List<PairStack> stacks, List<PairGradient> raw) {
        try (var trip = new HostTrip(stacks.get(0).loraA().getManager())) {
            var sumsA = new ArrayList<HostTrip.Small>();
            var sumsB = new ArrayList<HostTrip.Small>();
            for (var gradient : raw) {
                sumsA.add(sums(trip, gradient.gradA()));
                sumsB.add(sums(trip, gradient.gradB()));
            }
            trip.fetch();
            for (int i = 0; i < stacks.size(); i++) {
                requireFinite(stacks.get(i), sumsA.get(i), "lora_A");
                requireFinite(stacks.get(i), sumsB.get(i), "lora_B");
            }
        }
    }

    private static HostTrip.Small sums(HostTrip trip, NDArray gradient) {
        return gradient == null ? null : trip.down(Arrays.sums(gradient));
    }

    private static void requireFinite(PairStack stack, HostTrip.Small sums, String factor) {
        if (sums == null) {
            return;
        }
        for (int layer = 0; layer < stack.size(); layer++) {
            if (!Double.isFinite(sums.at(layer).get(0, 0))) {
                throw new DivergedException(
                        stack.paths().get(layer)
                                + ": the gradient of "
                                + factor
                                + " is not finite. Look at the loss of this step, lower"
                                + " the learning rate, or clip");
            }
        }
    }
}
