package org.lowrank.optim;

import static org.lowrank.engine.Arrays.as;
import static org.lowrank.engine.Arrays.float64;
import static org.lowrank.engine.Arrays.transposed;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.engine.Arrays;
import org.lowrank.rule.Factors;
import org.lowrank.rule.PairAlgebra;
import org.lowrank.rule.ScaledGradient;

/**
 * AltLoRA and AltLoRA+ as the authors' code runs them, which is not what the paper prints ({@link
 * AltLoraOptimizer}):
 *
 * <ul>
 *   <li>both factors move at every step, from one backward pass: A first, then B with the
 *       preconditioner and the alignment of the new A but the gradient at the old one
 *   <li>no s⁻² in the gradients, so that the learning rate carries it
 *   <li>bias correction of the first moment, none of the second
 *   <li>AltLoRA+ follows the aligned momentum but keeps the unaligned one, m ← β1 m + (1 − β1) g;
 *       AltLoRA keeps the aligned one
 *   <li>decay after the step, p ← p (1 − η λ); that of A comes before B is moved
 * </ul>
 *
 * The code's constant learning rate (it never reads the schedule) is not part of this: use a
 * constant schedule.
 *
 * <p>State a pair: r (m + n) momentum, r (m + n) old partners, for AltLoRA+ r (m + n) second
 * moment. Two transfers each way a step, since the second inverse is that of the new A.
 *
 * <p>Source: the repository of arXiv 2505.12455, as described in the specification, B.6.
 */
public final class ReleasedAltLora extends StackedOptimizer {

    private static final String MOMENT_A = "firstMomentA";
    private static final String MOMENT_B = "firstMomentB";
    private static final String SECOND_A = "secondMomentA";
    private static final String SECOND_B = "secondMomentB";
    private static final String OLD_A = "partnerA";
    private static final String OLD_B = "partnerB";

    /**
     * @param adaptive true for AltLoRA+
     * @param damping added to a Gram matrix before it is inverted
     * @param adam {@code beta2} and {@code epsilon} are those of AltLoRA+
     */
    public record Settings(boolean adaptive, double damping, AdamWSettings adam) {

        /** What the authors' training script passes. */
        public static final Settings ALT_LORA =
                new Settings(false, 1e-5, new AdamWSettings(0.9, 0.999, 1e-4, 1e-5));

        /** What the authors' training script passes. */
        public static final Settings ALT_LORA_PLUS =
                new Settings(true, ALT_LORA.damping(), ALT_LORA.adam());

        public Settings {
            Checks.notNegative("damping", damping);
        }
    }

    private final Settings settings;
    private final ScaledGradient forA;
    private final ScaledGradient forB;

    public ReleasedAltLora(Settings settings) {
        this.settings = settings;
        forA = new ScaledGradient(Factors.A, settings.damping());
        forB = new ScaledGradient(Factors.B, settings.damping());
    }

    @Override
    public boolean movesWithoutGradient() {
        return settings.adam().weightDecay() != 0;
    }

    @Override
    protected List<StateArray> layout(PairStack stack) {
        var arrays = new ArrayList<StateArray>();
        arrays.add(StateArray.like(MOMENT_A, stack.loraA()));
        arrays.add(StateArray.like(MOMENT_B, stack.loraB()));
        if (settings.adaptive()) {
            arrays.add(StateArray.like(SECOND_A, stack.loraA()));
            arrays.add(StateArray.like(SECOND_B, stack.loraB()));
        }
        arrays.add(StateArray.like(OLD_A, stack.loraA()));
        arrays.add(StateArray.like(OLD_B, stack.loraB()));
        return arrays;
    }

    /** New values of one factor and its state, held back until no pair can be refused. */
    private record Half(NDArray factor, NDArray moment, NDArray second) {}

    @Override
    protected void move(
            List<PairStack> stacks, List<PairGradient> raw, double learningRate, long step) {
        var halvesA = new ArrayList<Half>();
        var moved = new ArrayList<PairStack>();
        var halvesB = new ArrayList<Half>();
        try (var algebraB = PairAlgebra.of(stacks, raw)) {
            var inversesB = algebraB.send(algebraB.coefficients(forA));
            for (int i = 0; i < stacks.size(); i++) {
                var stack = stacks.get(i);
                var inverse = inversesB.get(i).leftA();
                var half = halfA(stack, raw.get(i), inverse, state(i), learningRate, step);
                halvesA.add(half);
                moved.add(
                        new PairStack(
                                stack.paths(), half.factor(), stack.loraB(), stack.scaling()));
            }
            try (var algebraA = PairAlgebra.of(moved, raw)) {
                var inversesA = algebraA.send(algebraA.coefficients(forB));
                for (int i = 0; i < stacks.size(); i++) {
                    var inverse = inversesA.get(i).rightB();
                    halvesB.add(
                            halfB(moved.get(i), raw.get(i), inverse, state(i), learningRate, step));
                }
                commit(stacks, halvesA, halvesB);
            }
        }
    }

    private void commit(List<PairStack> stacks, List<Half> halvesA, List<Half> halvesB) {
        for (int i = 0; i < stacks.size(); i++) {
            commit(stacks.get(i), state(i), halvesA.get(i), halvesB.get(i));
        }
    }

    private Half halfA(
            PairStack stack,
            PairGradient raw,
            NDArray inverse,
            OptimizerState.Of kept,
            double rate,
            long step) {
        var moment = kept.get(MOMENT_A);
        var cross = transposed(float64(stack.loraB())).matMul(float64(kept.get(OLD_B)));
        var aligned = as(inverse.matMul(cross).matMul(float64(moment)), moment);
        var gradient = as(inverse.matMul(float64(raw.gradA())), moment);
        return half(stack.loraA(), moment, kept.get(SECOND_A), aligned, gradient, rate, step);
    }

    private Half halfB(
            PairStack moved,
            PairGradient raw,
            NDArray inverse,
            OptimizerState.Of kept,
            double rate,
            long step) {
        var moment = kept.get(MOMENT_B);
        var cross = float64(kept.get(OLD_A)).matMul(transposed(float64(moved.loraA())));
        var aligned = as(float64(moment).matMul(cross.matMul(inverse)), moment);
        var gradient = as(float64(raw.gradB()).matMul(inverse), moment);
        return half(moved.loraB(), moment, kept.get(SECOND_B), aligned, gradient, rate, step);
    }

    private Half half(
            NDArray factor,
            NDArray moment,
            NDArray second,
            NDArray aligned,
            NDArray gradient,
            double rate,
            long step) {
        var adam = settings.adam();
        var fresh = gradient.mul(1 - adam.beta1());
        var direction = aligned.mul(adam.beta1()).addi(fresh);
        var corrected = direction.div(1 - Math.pow(adam.beta1(), step));
        var newMoment = direction;
        NDArray newSecond = null;
        if (settings.adaptive()) {
            newMoment = moment.mul(adam.beta1()).addi(fresh);
            newSecond = second.mul(adam.beta2());
            newSecond.addi(gradient.mul(gradient).muli(1 - adam.beta2()));
            corrected.divi(newSecond.sqrt().addi(adam.epsilon()));
        }
        var newFactor = factor.sub(corrected.muli(rate)).muli(1 - rate * adam.weightDecay());
        return new Half(newFactor, newMoment, newSecond);
    }

    private void commit(PairStack stack, OptimizerState.Of kept, Half halfA, Half halfB) {
        Arrays.assign(kept.get(OLD_B), stack.loraB());
        Arrays.assign(kept.get(OLD_A), halfA.factor());
        Arrays.assign(stack.loraA(), halfA.factor());
        Arrays.assign(stack.loraB(), halfB.factor());
        Arrays.assign(kept.get(MOMENT_A), halfA.moment());
        Arrays.assign(kept.get(MOMENT_B), halfB.moment());
        if (settings.adaptive()) {
            Arrays.assign(kept.get(SECOND_A), halfA.second());
            Arrays.assign(kept.get(SECOND_B), halfB.second());
        }
    }

    @Override
    public String toString() {
        return "ReleasedAltLora(adaptive="
                + settings.adaptive()
                + ", damping="
                + settings.damping()
                + ", "
                + settings.adam()
                + ")";
    }
}
