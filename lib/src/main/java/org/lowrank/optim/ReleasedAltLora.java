package org.lowrank.optim;

import static org.lowrank.engine.Arrays.as;
import static org.lowrank.engine.Arrays.float64;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.List;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.config.Option;
import org.lowrank.config.OptionValues;
import org.lowrank.engine.Arrays;
import org.lowrank.rule.Factors;

/**
 * AltLoRA and AltLoRA+ as the authors' code runs them, which is not what the paper prints ({@link
 * AlignedMoments}):
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
 * <p>Keeps a pair: r (m + n) momentum, r (m + n) old partners, for AltLoRA+ r (m + n) second
 * moment. Two transfers each way a step, since the second inverse is that of the new A.
 *
 * <p>Source: the repository of arXiv 2505.12455, as described in the specification, B.6.
 *
 * @param adaptive true for AltLoRA+
 * @param damping added to a Gram matrix before it is inverted
 * @param adam its numbers; β2 and ε are those of AltLoRA+
 * @param decay the stage behind this one, by which B's half knows where A goes
 */
public record ReleasedAltLora(boolean adaptive, double damping, AdamMoments adam, Decay decay)
        implements OptimizerStage {

    /** What the authors' training script passes. */
    public static final List<Option<?>> OPTIONS =
            Option.all(
                    AdamMoments.OPTIONS,
                    List.of(AdamMoments.EPSILON.unset(1e-4), Decay.WEIGHT_DECAY.unset(1e-5)),
                    List.of(Damping.DAMPING.unset(1e-5)));

    public ReleasedAltLora {
        Damping.DAMPING.require(damping);
    }

    /** The whole method: this stage and its decay. */
    public static PairOptimizer optimizer(boolean adaptive, OptionValues o) {
        var decay = new Decay(o.get(Decay.WEIGHT_DECAY), Decay.Form.AFTER);
        var damping = o.get(Damping.DAMPING);
        return PairOptimizer.of(
                new ReleasedAltLora(adaptive, damping, AdamMoments.from(o), decay), decay);
    }

    @Override
    public Needs needs(long step) {
        return Needs.PRODUCT;
    }

    @Override
    public boolean refusesNonFinite() {
        return true;
    }

    @Override
    public List<StateArray> keeps(PairStack stack, Factors moving) {
        return adaptive
                ? StateArray.ofBoth(stack, "firstMoment", "secondMoment", "partner")
                : StateArray.ofBoth(stack, "firstMoment", "partner");
    }

    /** What becomes of one factor, held back until no pair can be refused. */
    private record Half(NDArray direction, NDArray moment, NDArray second) {}

    @Override
    public List<PairGradient> apply(OptimizerStep step, List<PairGradient> raw) {
        var stacks = step.stacks();
        try (var partnersOfA = new Partners(stacks, only(raw, Factors.A), damping)) {
            var halvesA = new ArrayList<Half>();
            var moved = new ArrayList<PairStack>();
            for (int i = 0; i < stacks.size(); i++) {
                var half = halfA(step, i, raw.get(i).gradA(), partnersOfA.ofA(i));
                halvesA.add(half);
                moved.add(moved(step, i, half));
            }
            try (var partnersOfB = new Partners(moved, only(raw, Factors.B), damping)) {
                var directions = new ArrayList<PairGradient>();
                for (int i = 0; i < stacks.size(); i++) {
                    var half = halfB(step, i, raw.get(i).gradB(), partnersOfB.ofB(i));
                    commit(step, i, halvesA.get(i), "A", moved.get(i).loraA());
                    commit(step, i, half, "B", stacks.get(i).loraB());
                    directions.add(new PairGradient(halvesA.get(i).direction(), half.direction()));
                }
                return directions;
            }
        }
    }

    private static List<PairGradient> only(List<PairGradient> raw, Factors factor) {
        return raw.stream()
                .map(
                        g ->
                                new PairGradient(
                                        factor.includeA() ? g.gradA() : null,
                                        factor.includeB() ? g.gradB() : null))
                .toList();
    }

    /** The stack with A where it will stand after this step. */
    private PairStack moved(OptimizerStep step, int i, Half half) {
        var stack = step.stacks().get(i);
        var a = stack.loraA().duplicate();
        var f = step.of(i, a);
        new InPlace(List.of(decay)).move(List.of(f), List.of(half.direction()));
        return new PairStack(stack.paths(), a, stack.loraB(), stack.scaling());
    }

    private Half halfA(OptimizerStep step, int i, NDArray gradA, Partners.Partner partner) {
        var moment = step.kept(i, "firstMomentA");
        var change = partner.change(step.kept(i, "partnerB"));
        var aligned = as(change.matMul(float64(moment)), moment);
        var inverse = partner.inverse(DataType.FLOAT64);
        var gradient = as(inverse.matMul(float64(gradA)), moment);
        return half(step, moment, step.kept(i, "secondMomentA"), aligned, gradient);
    }

    private Half halfB(OptimizerStep step, int i, NDArray gradB, Partners.Partner partner) {
        var moment = step.kept(i, "firstMomentB");
        var change = partner.change(step.kept(i, "partnerA"));
        var aligned = as(float64(moment).matMul(change), moment);
        var inverse = partner.inverse(DataType.FLOAT64);
        var gradient = as(float64(gradB).matMul(inverse), moment);
        return half(step, moment, step.kept(i, "secondMomentB"), aligned, gradient);
    }

    private Half half(
            OptimizerStep step, NDArray moment, NDArray second, NDArray aligned, NDArray gradient) {
        var beta1 = step.constant(adam.beta1());
        var fresh = gradient.mul(step.constant(1 - adam.beta1()));
        var followed = aligned.mul(beta1).addi(fresh);
        var direction = followed.div(1 - Math.pow(adam.beta1(), step.number()));
        direction.attach(step.manager()); // it outlives the inverses
        if (!adaptive) {
            return new Half(direction, followed, null);
        }
        var newSecond = second.mul(adam.beta2());
        newSecond.addi(gradient.mul(gradient).muli(1 - adam.beta2()));
        direction.divi(newSecond.sqrt().addi(adam.epsilon()));
        return new Half(direction, moment.mul(beta1).addi(fresh), newSecond);
    }

    private void commit(OptimizerStep step, int i, Half half, String factor, NDArray partner) {
        Arrays.assign(step.kept(i, "partner" + factor), partner);
        Arrays.assign(step.kept(i, "firstMoment" + factor), half.moment());
        if (adaptive) {
            Arrays.assign(step.kept(i, "secondMoment" + factor), half.second());
        }
    }
}
