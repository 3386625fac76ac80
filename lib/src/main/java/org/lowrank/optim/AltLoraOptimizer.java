package org.lowrank.optim;

import static org.lowrank.engine.Arrays.as;
import static org.lowrank.engine.Arrays.float64;
import static org.lowrank.engine.Arrays.transposed;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.engine.Arrays;
import org.lowrank.rule.AltLora;
import org.lowrank.rule.PairAlgebra;

/**
 * AltLoRA and AltLoRA+: one factor moves a step, along its exact least-squares gradient, and its
 * momentum is carried into the present subspace.
 *
 * <pre>
 *   A moves:  g̃ = s⁻² (BᵀB + λI)⁻¹ gᴬ,   M ← β1 (BᵀB + λI)⁻¹ Bᵀ B_old M + (1 − β1) g̃
 *   B moves:  g̃ = s⁻² gᴮ (AAᵀ + λI)⁻¹,   M ← β1 M A_old Aᵀ (AAᵀ + λI)⁻¹ + (1 − β1) g̃
 *   AltLoRA:  factor ← factor − η (M + γ factor)
 *   AltLoRA+: V ← β2 V + (1 − β2) g̃²,  factor ← factor − η (M / (√V + ε) + γ factor)
 * </pre>
 *
 * where B_old (A_old) is the partner as it stood when this factor moved last. No bias correction.
 *
 * <p>State a pair: r (m + n) momentum, r (m + n) for the old partners if aligned, and r (m + n)
 * second moment for AltLoRA+. One transfer each way a step.
 *
 * <p>Source: AltLoRA, arXiv 2505.12455, algorithms 1 and 2, theorems 1 and 2. The order {@code
 * JOINT} is the paper's table 9.
 */
public final class AltLoraOptimizer extends StackedOptimizer {

    private static final String MOMENT_A = "firstMomentA";
    private static final String MOMENT_B = "firstMomentB";
    private static final String SECOND_A = "secondMomentA";
    private static final String SECOND_B = "secondMomentB";
    private static final String OLD_A = "partnerA";
    private static final String OLD_B = "partnerB";

    private final AltLoraSettings settings;

    public AltLoraOptimizer(AltLoraSettings settings) {
        this.settings = settings;
    }

    @Override
    public boolean readsA() {
        return settings.order().moving(steps() + 1).includeA();
    }

    @Override
    public boolean readsB() {
        return settings.order().moving(steps() + 1).includeB();
    }

    @Override
    public boolean movesWithoutGradient() {
        return settings.weightDecay() != 0;
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
        if (settings.aligned()) {
            arrays.add(StateArray.like(OLD_A, stack.loraA()));
            arrays.add(StateArray.like(OLD_B, stack.loraB()));
        }
        return arrays;
    }

    @Override
    protected void move(
            List<PairStack> stacks, List<PairGradient> raw, double learningRate, long step) {
        var moving = settings.order().moving(step);
        var rule = new AltLora(moving, settings.damping());
        var manager = stacks.get(0).loraA().getManager();
        var constants = new Constants(manager, settings, learningRate);
        try (var algebra = PairAlgebra.of(stacks, raw)) {
            var inverses = algebra.send(algebra.coefficients(rule));
            for (int i = 0; i < stacks.size(); i++) {
                move(stacks.get(i), raw.get(i), state(i), inverses.get(i), constants);
            }
        }
    }

    /** What multiplies whole arrays, made once a step. */
    private record Constants(
            NDArray beta1,
            NDArray oneMinusBeta1,
            NDArray beta2,
            NDArray oneMinusBeta2,
            NDArray epsilon,
            Descent descent) {

        Constants(NDManager manager, AltLoraSettings settings, double rate) {
            this(
                    manager.create(settings.beta1()),
                    manager.create(1 - settings.beta1()),
                    manager.create(settings.beta2()),
                    manager.create(1 - settings.beta2()),
                    manager.create(settings.epsilon()),
                    Descent.of(manager, rate, settings.weightDecay()));
        }
    }

    /** Both directions are formed before either factor moves; a null gradient stays. */
    private void move(
            PairStack stack,
            PairGradient raw,
            OptimizerState.Of kept,
            PairAlgebra.OnDevice inverse,
            Constants constants) {
        var a = stack.loraA();
        var b = stack.loraB();
        NDArray directionA = null;
        NDArray directionB = null;
        if (raw.gradA() != null) {
            var aligned = alignedA(kept, b, inverse.leftA(), stack.scaling());
            var gradient = as(inverse.leftA().matMul(float64(raw.gradA())), a);
            var moment = kept.get(MOMENT_A);
            directionA = direction(moment, kept.get(SECOND_A), aligned, gradient, constants);
        }
        if (raw.gradB() != null) {
            var aligned = alignedB(kept, a, inverse.rightB(), stack.scaling());
            var gradient = as(float64(raw.gradB()).matMul(inverse.rightB()), b);
            var moment = kept.get(MOMENT_B);
            directionB = direction(moment, kept.get(SECOND_B), aligned, gradient, constants);
        }
        if (directionA != null) {
            keep(kept.get(OLD_B), b);
        }
        if (directionB != null) {
            keep(kept.get(OLD_A), a);
            constants.descent().apply(b, directionB);
        }
        if (directionA != null) {
            constants.descent().apply(a, directionA);
        }
    }

    /** (BᵀB + λI)⁻¹ Bᵀ B_old M; the preconditioner carries s⁻², which is taken off again. */
    private NDArray alignedA(OptimizerState.Of kept, NDArray b, NDArray leftA, double scaling) {
        var moment = kept.get(MOMENT_A);
        if (!settings.aligned()) {
            return moment;
        }
        var cross = transposed(float64(b)).matMul(float64(kept.get(OLD_B)));
        var change = leftA.matMul(cross).muli(scaling * scaling);
        return as(change.matMul(float64(moment)), moment);
    }

    /** M A_old Aᵀ (AAᵀ + λI)⁻¹. */
    private NDArray alignedB(OptimizerState.Of kept, NDArray a, NDArray rightB, double scaling) {
        var moment = kept.get(MOMENT_B);
        if (!settings.aligned()) {
            return moment;
        }
        var cross = float64(kept.get(OLD_A)).matMul(transposed(float64(a)));
        var change = cross.matMul(rightB).muli(scaling * scaling);
        return as(float64(moment).matMul(change), moment);
    }

    /** Updates the moments of one factor and returns its direction. */
    private NDArray direction(
            NDArray moment,
            NDArray second,
            NDArray aligned,
            NDArray gradient,
            Constants constants) {
        var fresh = aligned.mul(constants.beta1());
        fresh.addi(gradient.mul(constants.oneMinusBeta1()));
        Arrays.assign(moment, fresh);
        if (!settings.adaptive()) {
            return fresh;
        }
        var square = gradient.mul(gradient).muli(constants.oneMinusBeta2());
        second.muli(constants.beta2()).addi(square);
        return fresh.div(second.sqrt().addi(constants.epsilon()));
    }

    private static void keep(NDArray copy, NDArray factor) {
        if (copy != null) {
            Arrays.assign(copy, factor);
        }
    }

    @Override
    public String toString() {
        return (settings.adaptive() ? "AltLoRA+(" : "AltLoRA(") + settings + ")";
    }
}
