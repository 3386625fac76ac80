package org.lowrank.optim;

import static org.lowrank.engine.Arrays.as;
import static org.lowrank.engine.Arrays.float64;
import static org.lowrank.engine.Arrays.transposed;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.List;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.config.Option;
import org.lowrank.config.OptionValues;
import org.lowrank.engine.Arrays;
import org.lowrank.rule.AltLora;
import org.lowrank.rule.Factors;
import org.lowrank.rule.PairAlgebra;

/**
 * AltLoRA and AltLoRA+: one factor moves a step, along its exact least-squares gradient, and its
 * momentum is carried into the present subspace.
 *
 * <pre>
 *   A moves:  g̃ = s⁻² (BᵀB + λI)⁻¹ gᴬ,   M ← β1 (BᵀB + λI)⁻¹ Bᵀ B_old M + (1 − β1) g̃
 *   B moves:  g̃ = s⁻² gᴮ (AAᵀ + λI)⁻¹,   M ← β1 M A_old Aᵀ (AAᵀ + λI)⁻¹ + (1 − β1) g̃
 *   AltLoRA:  d = M
 *   AltLoRA+: V ← β2 V + (1 − β2) g̃²,  d = M / (√V + ε)
 * </pre>
 *
 * where B_old (A_old) is the partner as it stood when this factor moved last. No bias correction.
 * It is one stage, since its momentum needs the rule's own inverse.
 *
 * <p>Keeps a pair: r (m + n) momentum, r (m + n) for the old partners if aligned, and r (m + n)
 * second moment for AltLoRA+. One transfer each way a step.
 *
 * <p>Source: AltLoRA, arXiv 2505.12455, algorithms 1 and 2, theorems 1 and 2. The order {@code
 * JOINT} is the paper's table 9.
 *
 * @param order which factor moves when; A first in the paper's main tables
 * @param aligned whether a kept momentum is re-expressed in the present subspace (theorem 2)
 * @param damping λ, added to a Gram matrix before it is inverted
 * @param beta1 decay of the first moment
 * @param second null for AltLoRA
 */
public record AlignedMoments(
        UpdateOrder order, boolean aligned, double damping, double beta1, Second second)
        implements OptimizerStage {

    /**
     * The element-wise second moment of AltLoRA+.
     *
     * @param beta2 its decay
     * @param epsilon added to its root; the paper does not state it. Above 0, since an entry whose
     *     gradient has been 0 so far would move by 0/0
     */
    public record Second(double beta2, double epsilon) {
        public Second {
            AdamMoments.BETA2.require(beta2);
            AdamMoments.EPSILON.require(epsilon);
        }
    }

    public static final Option<UpdateOrder> ORDER =
            Option.choice(
                    "order", UpdateOrder.A_FIRST, UpdateOrder.class, "which factor moves when");
    public static final Option<Boolean> ALIGNED =
            Option.flag("aligned", true, "carry the momentum into the present subspace");

    /** Of AltLoRA; 1e-6 is the paper's damping. */
    public static final List<Option<?>> OPTIONS =
            List.of(ORDER, ALIGNED, Damping.DAMPING.unset(1e-6), AdamMoments.BETA1);

    /** Of AltLoRA+. */
    public static final List<Option<?>> OPTIONS_PLUS =
            Option.all(OPTIONS, List.of(AdamMoments.BETA2, AdamMoments.EPSILON.unset(1e-6)));

    public AlignedMoments {
        Damping.DAMPING.require(damping);
        AdamMoments.BETA1.require(beta1);
    }

    public static AlignedMoments from(OptionValues o) {
        return of(o, null);
    }

    public static AlignedMoments plus(OptionValues o) {
        return of(o, new Second(o.get(AdamMoments.BETA2), o.get(AdamMoments.EPSILON)));
    }

    private static AlignedMoments of(OptionValues o, Second second) {
        return new AlignedMoments(
                o.get(ORDER),
                o.get(ALIGNED),
                o.get(Damping.DAMPING),
                o.get(AdamMoments.BETA1),
                second);
    }

    @Override
    public Needs needs(long step) {
        return Needs.PRODUCT.withReads(order.moving(step));
    }

    @Override
    public boolean refusesNonFinite() {
        return true;
    }

    @Override
    public List<StateArray> keeps(PairStack stack, Factors moving) {
        var arrays = StateArray.ofBoth(stack, "firstMoment");
        if (second != null) {
            arrays.addAll(StateArray.ofBoth(stack, "secondMoment"));
        }
        if (aligned) {
            arrays.addAll(StateArray.ofBoth(stack, "partner"));
        }
        return arrays;
    }

    @Override
    public List<PairGradient> apply(OptimizerStep step, List<PairGradient> raw) {
        var rule = new AltLora(order.moving(step.number()), damping);
        var directions = new ArrayList<PairGradient>();
        try (var algebra = PairAlgebra.of(step.stacks(), raw)) {
            var inverses = algebra.send(algebra.coefficients(rule));
            for (int i = 0; i < raw.size(); i++) {
                var g = raw.get(i);
                var inverse = inverses.get(i);
                directions.add(
                        new PairGradient(
                                g.gradA() == null ? null : ofA(step, i, g, inverse, algebra.b(i)),
                                g.gradB() == null ? null : ofB(step, i, g, inverse, algebra.a(i))));
            }
        }
        return directions;
    }

    /**
     * The inverse carries s⁻², which is taken off again for (BᵀB + λI)⁻¹ Bᵀ B_old M. What is r x r
     * is float64, where a near singular Gram matrix cancels, and so is its product with the
     * gradient; that with the momentum is in the type of the momentum.
     */
    private NDArray ofA(
            OptimizerStep step, int i, PairGradient raw, PairAlgebra.OnDevice inverse, NDArray b) {
        var stack = step.stacks().get(i);
        var moment = step.kept(i, "firstMomentA");
        var old = moment;
        if (aligned) {
            var partner = step.kept(i, "partnerB");
            var cross = transposed(b).matMul(float64(partner));
            var change = inverse.leftA(DataType.FLOAT64).matMul(cross);
            change.muli(stack.scaling() * stack.scaling());
            old = as(change, moment).matMul(moment);
            Arrays.assign(partner, stack.loraB());
        }
        var g = as(inverse.leftA(DataType.FLOAT64).matMul(float64(raw.gradA())), moment);
        return direction(step, moment, step.kept(i, "secondMomentA"), old, g);
    }

    /** M A_old Aᵀ (AAᵀ + λI)⁻¹ likewise. */
    private NDArray ofB(
            OptimizerStep step, int i, PairGradient raw, PairAlgebra.OnDevice inverse, NDArray a) {
        var stack = step.stacks().get(i);
        var moment = step.kept(i, "firstMomentB");
        var old = moment;
        if (aligned) {
            var partner = step.kept(i, "partnerA");
            var cross = float64(partner).matMul(transposed(a));
            var change = cross.matMul(inverse.rightB(DataType.FLOAT64));
            change.muli(stack.scaling() * stack.scaling());
            old = moment.matMul(as(change, moment));
            Arrays.assign(partner, stack.loraA());
        }
        var g = as(float64(raw.gradB()).matMul(inverse.rightB(DataType.FLOAT64)), moment);
        return direction(step, moment, step.kept(i, "secondMomentB"), old, g);
    }

    /** Updates the moments of one factor; {@code old} is the momentum in the present subspace. */
    private NDArray direction(
            OptimizerStep step, NDArray moment, NDArray square, NDArray old, NDArray g) {
        var fresh = old.mul(step.constant(beta1)).addi(g.mul(step.constant(1 - beta1)));
        Arrays.assign(moment, fresh);
        var direction = fresh;
        if (second != null) {
            square.muli(step.constant(second.beta2()));
            square.addi(g.mul(g).muli(step.constant(1 - second.beta2())));
            direction = fresh.div(square.sqrt().addi(step.constant(second.epsilon())));
        }
        direction.attach(step.manager()); // it outlives the inverses
        return direction;
    }
}
