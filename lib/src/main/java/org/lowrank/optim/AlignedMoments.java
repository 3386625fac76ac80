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
        var directions = new ArrayList<PairGradient>();
        try (var partners = new Partners(step.stacks(), raw, damping)) {
            for (int i = 0; i < raw.size(); i++) {
                directions.add(
                        new PairGradient(
                                ofA(step, i, raw.get(i).gradA(), partners.ofA(i)),
                                ofB(step, i, raw.get(i).gradB(), partners.ofB(i))));
            }
        }
        return directions;
    }

    /**
     * (BᵀB + λI)⁻¹ Bᵀ B_old M and s² g̃, of which the moments make the direction of A. The inverse
     * meets the gradient in float64: at a condition of 10⁶ its entries rounded to float32 would
     * move W by a direction that is 10⁻³ off.
     */
    private NDArray ofA(OptimizerStep step, int i, NDArray g, Partners.Partner partner) {
        if (partner == null) {
            return null;
        }
        var moment = step.kept(i, "firstMomentA");
        var projected = as(partner.inverse(DataType.FLOAT64).matMul(float64(g)), moment);
        if (!aligned) {
            return direction(step, i, "A", moment.duplicate(), projected);
        }
        var old = step.kept(i, "partnerB");
        var change = as(partner.change(old), moment);
        Arrays.assign(old, step.stacks().get(i).loraB());
        return direction(step, i, "A", change.matMul(moment), projected);
    }

    /** M A_old Aᵀ (AAᵀ + λI)⁻¹ and s² g̃ likewise. */
    private NDArray ofB(OptimizerStep step, int i, NDArray g, Partners.Partner partner) {
        if (partner == null) {
            return null;
        }
        var moment = step.kept(i, "firstMomentB");
        var projected = as(float64(g).matMul(partner.inverse(DataType.FLOAT64)), moment);
        if (!aligned) {
            return direction(step, i, "B", moment.duplicate(), projected);
        }
        var old = step.kept(i, "partnerA");
        var change = as(partner.change(old), moment);
        Arrays.assign(old, step.stacks().get(i).loraA());
        return direction(step, i, "B", moment.matMul(change), projected);
    }

    /**
     * Updates the moments of one factor.
     *
     * @param carried the momentum in the present subspace, overwritten
     * @param projected s² g̃
     */
    private NDArray direction(
            OptimizerStep step, int i, String factor, NDArray carried, NDArray projected) {
        double square = step.stacks().get(i).scaling() * step.stacks().get(i).scaling();
        var part = projected.mul(step.constant((1 - beta1) / square));
        var fresh = carried.muli(step.constant(beta1)).addi(part);
        Arrays.assign(step.kept(i, "firstMoment" + factor), fresh);
        var direction = fresh;
        if (second != null) {
            var v = step.kept(i, "secondMoment" + factor);
            double ofSquares = (1 - second.beta2()) / (square * square);
            v.muli(step.constant(second.beta2()));
            v.addi(projected.mul(projected).muli(step.constant(ofSquares)));
            direction = fresh.div(v.sqrt().addi(step.constant(second.epsilon())));
        }
        direction.attach(step.manager()); // it outlives the inverses
        return direction;
    }
}
