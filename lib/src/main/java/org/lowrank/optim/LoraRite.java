package org.lowrank.optim;

import static org.lowrank.engine.Arrays.as;
import static org.lowrank.engine.Arrays.assign;
import static org.lowrank.engine.Arrays.float64;
import static org.lowrank.engine.Arrays.norm;
import static org.lowrank.engine.Arrays.transposed;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.ejml.data.DMatrixRMaj;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.config.Option;
import org.lowrank.config.OptionValues;
import org.lowrank.engine.HostTrip;
import org.lowrank.linalg.Gram;
import org.lowrank.rule.Factors;

/**
 * LoRA-RITE: moments in the basis of the partner's range, so that they do not depend on how BA is
 * factored. With B = Q_B R_B, P = Q_Bᵀ Q_B,old, for A (r, in), and for B the same with A's basis:
 *
 * <pre>
 *   Z = R_B⁺ᵀ gᴬ; 0 if its root mean square is above skipRms; all Z cut to the global norm clipNorm
 *   V ← β2' P V Pᵀ + (1 − β2') Z Zᵀ / in,      ρ ← β2' (ρ + mass lost by the change of basis)
 *   M ← β1' P M + (1 − β1') (V + ρ I)^(−1/2) Z,   β' = β (1 − βᵗ⁻¹) / (1 − βᵗ)
 *   d = R_B⁺ M, M capped
 * </pre>
 *
 * The inverse root is 1 / (√v + ε) on eigenvalues v + ρ. R_B⁺ is a pseudo-inverse: at B = 0 the
 * first step moves B alone. Momentum outside the present range of a rank-deficient partner is
 * dropped. {@link Decay} and {@link Balance} stand behind it.
 *
 * <p>Keeps a pair: r (m + n) momentum and r (m + n) old bases in the type of the factors, 2 r²
 * second moments in float64, and 2 numbers with escape mass. One transfer each way a step.
 *
 * <p>Source: LoRA-RITE, arXiv 2410.20625, and its reference code (its names in brackets) as
 * described in the specification, C.
 *
 * @param adam decays of the moments; ε is added to the root of the second moment's eigenvalues
 * @param clipNorm the global norm of all unmagnified gradients is cut to this; 0 is off
 *     [clip_unmagnified_grad]
 * @param skipRms an unmagnified gradient whose root mean square is above this counts as 0; 0 is off
 *     [update_skipping]
 * @param capRms a first moment whose root mean square is above this is scaled down to it for the
 *     update; 0 is off [update_capping]
 * @param escapeMass whether the second moment that a change of basis loses is kept as a multiple of
 *     I [apply_escape]
 */
public record LoraRite(
        AdamMoments adam, double clipNorm, double skipRms, double capRms, boolean escapeMass)
        implements OptimizerStage {

    public static final Option<Double> CLIP_NORM =
            limit("clipNorm", 1, "global norm of the unmagnified gradients; 0 is off");
    public static final Option<Double> SKIP_RMS =
            limit("skipRms", 1, "an unmagnified gradient above this counts as 0; 0 is off");
    public static final Option<Double> CAP_RMS =
            limit("capRms", 0, "a first moment above this is scaled down to it; 0 is off");
    public static final Option<Boolean> ESCAPE_MASS =
            Option.flag("escapeMass", false, "keep the second moment that a change of basis loses");
    public static final Option<Boolean> BALANCE =
            Option.flag("balance", false, "scale A and B to equal norms after a step");

    /** The defaults of the reference code; its betas have none and are Adam's here. */
    public static final List<Option<?>> OPTIONS =
            Option.all(
                    AdamMoments.OPTIONS,
                    List.of(AdamMoments.EPSILON.unset(1e-6)),
                    List.of(CLIP_NORM, SKIP_RMS, CAP_RMS, ESCAPE_MASS, BALANCE),
                    Decay.OPTIONS);

    /** What AltLoRA's training script passes to its own port (the specification's B.6). */
    public static final List<Option<?>> OPTIONS_IN_ALT_LORA =
            Option.all(
                    OPTIONS,
                    List.of(SKIP_RMS.unset(5.0), CAP_RMS.unset(1.0), ESCAPE_MASS.unset(true)),
                    List.of(BALANCE.unset(true), Decay.WEIGHT_DECAY.unset(0.01)));

    private static Option<Double> limit(String name, double unset, String meaning) {
        return Option.number(name, unset, "finite and at least 0", v -> v >= 0, meaning);
    }

    public LoraRite {
        CLIP_NORM.require(clipNorm);
        SKIP_RMS.require(skipRms);
        CAP_RMS.require(capRms);
    }

    public static LoraRite from(OptionValues o) {
        return new LoraRite(
                AdamMoments.from(o),
                o.get(CLIP_NORM),
                o.get(SKIP_RMS),
                o.get(CAP_RMS),
                o.get(ESCAPE_MASS));
    }

    /** The whole method: this stage, decay, and balancing where it is asked for. */
    public static PairOptimizer optimizer(OptionValues o) {
        return o.get(BALANCE)
                ? PairOptimizer.of(from(o), Decay.from(o), new Balance())
                : PairOptimizer.of(from(o), Decay.from(o));
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
        var square = new Shape(stack.size(), stack.rank(), stack.rank());
        var one = new Shape(stack.size(), 1, 1);
        var arrays = StateArray.ofBoth(stack, "firstMoment", "basis");
        arrays.add(new StateArray("secondMomentA", square, DataType.FLOAT64));
        arrays.add(new StateArray("secondMomentB", square, DataType.FLOAT64));
        if (escapeMass) {
            arrays.add(new StateArray("escapeMassA", one, DataType.FLOAT64));
            arrays.add(new StateArray("escapeMassB", one, DataType.FLOAT64));
        }
        return arrays;
    }

    @Override
    public List<PairGradient> apply(OptimizerStep step, List<PairGradient> raw) {
        var stacks = step.stacks();
        try (var trip = new HostTrip(step.manager())) {
            var ofA = new ArrayList<Side>();
            var ofB = new ArrayList<Side>();
            for (int i = 0; i < stacks.size(); i++) {
                ofA.add(new Side(trip, step, i, raw.get(i).gradA(), true));
                ofB.add(new Side(trip, step, i, transposed(raw.get(i).gradB()), false));
            }
            trip.fetch();
            PairStack.forEachPair(
                    stacks,
                    (stack, layer) -> {
                        ofA.get(stack).factorize(layer);
                        ofB.get(stack).factorize(layer);
                    });
            double norm = 0;
            for (int i = 0; i < stacks.size(); i++) {
                norm += ofA.get(i).squaredNorm() + ofB.get(i).squaredNorm();
            }
            norm = Math.sqrt(norm);
            double clip = clipNorm > 0 && norm > clipNorm ? clipNorm / norm : 1;
            PairStack.forEachPair(
                    stacks,
                    (stack, layer) -> {
                        ofA.get(stack).update(layer, clip, step.number());
                        ofB.get(stack).update(layer, clip, step.number());
                    });
            ofA.forEach(side -> side.announce(trip));
            ofB.forEach(side -> side.announce(trip));
            trip.send();
            var directions = new ArrayList<PairGradient>();
            for (int i = 0; i < stacks.size(); i++) {
                directions.add(new PairGradient(ofA.get(i).direction(), ofB.get(i).direction()));
            }
            return directions;
        }
    }

    /** One factor of a stack, seen as (layers, r, big): A as it is, B transposed. */
    private final class Side {

        private final int stack;
        private final boolean isA;
        private final OptimizerStep step;
        private final NDArray gradient;
        private final NDArray g;
        private final NDArray partner; // (layers, r, big)
        private final HostTrip.Small partnerGram;
        private final HostTrip.Small partnerOldBasis;
        private final HostTrip.Small rawGram;
        private final HostTrip.Small second;
        private final HostTrip.Small escape;
        private final RiteFactor[] factors;
        private final RiteFactor.Update[] updates;
        private HostTrip.Small keep;
        private HostTrip.Small add;
        private HostTrip.Small newSecond;
        private HostTrip.Small newEscape;
        private HostTrip.Small inverseRoot;

        Side(HostTrip trip, OptimizerStep step, int stack, NDArray gradient, boolean isA) {
            this.step = step;
            this.stack = stack;
            this.isA = isA;
            var of = step.stacks().get(stack);
            this.gradient = gradient;
            g = float64(gradient);
            partner = float64(isA ? transposed(of.loraB()) : of.loraA());
            partnerGram = trip.down(partner.matMul(transposed(partner)));
            partnerOldBasis = trip.down(partner.matMul(float64(oldBasis())));
            rawGram = trip.down(g.matMul(transposed(g)));
            second = trip.down(kept("secondMoment"));
            escape = escapeMass ? trip.down(kept("escapeMass")) : null;
            factors = new RiteFactor[of.size()];
            updates = new RiteFactor.Update[of.size()];
        }

        private NDArray kept(String name) {
            return step.kept(stack, name + (isA ? "A" : "B"));
        }

        /** Q_old of the partner, (layers, big, r). */
        private NDArray oldBasis() {
            return isA ? step.kept(stack, "basisB") : transposed(step.kept(stack, "basisA"));
        }

        /** From this side's shape to that of the arrays, or back. */
        private NDArray turned(NDArray x) {
            return isA ? x : transposed(x);
        }

        void factorize(int layer) {
            factors[layer] =
                    new RiteFactor(
                            LoraRite.this,
                            Gram.ofProduct(partnerGram.at(layer)),
                            partnerOldBasis.at(layer),
                            rawGram.at(layer),
                            g.getShape().get(2));
        }

        double squaredNorm() {
            return Arrays.stream(factors).mapToDouble(RiteFactor::squaredNorm).sum();
        }

        void update(int layer, double clip, long number) {
            var factor = factors[layer];
            factor.scale(clip);
            double old = escape == null ? 0 : escape.at(layer).get(0, 0);
            updates[layer] = factor.update(second.at(layer), old, number);
        }

        void announce(HostTrip trip) {
            keep = trip.up(each(RiteFactor.Update::keep));
            add = trip.up(each(RiteFactor.Update::add));
            newSecond = trip.up(each(RiteFactor.Update::second));
            newEscape = trip.up(each(u -> new DMatrixRMaj(new double[][] {{u.escape()}})));
            inverseRoot =
                    trip.up(
                            Arrays.stream(factors)
                                    .map(RiteFactor::inverseRoot)
                                    .toArray(DMatrixRMaj[]::new));
        }

        private DMatrixRMaj[] each(Function<RiteFactor.Update, DMatrixRMaj> part) {
            return Arrays.stream(updates).map(part).toArray(DMatrixRMaj[]::new);
        }

        /** Updates what is kept: moments in their own type, a basis from float64, or it is none. */
        NDArray direction() {
            var moment = kept("firstMoment");
            var type = moment.getDataType();
            var fresh = keep.array(type).matMul(turned(moment));
            fresh.addi(add.array(type).matMul(as(gradient, moment)));
            var direction = turned(inverseRoot.array(type).matMul(capped(fresh)));
            assign(moment, turned(fresh));
            var basis = step.kept(stack, isA ? "basisB" : "basisA");
            // the small factor from the left takes half the time
            var rows = transposed(wide(inverseRoot)).matMul(partner);
            assign(basis, as(isA ? transposed(rows) : rows, basis));
            assign(kept("secondMoment"), wide(newSecond));
            if (escapeMass) {
                assign(kept("escapeMass"), wide(newEscape));
            }
            direction.attach(step.manager()); // it outlives the trip
            return direction;
        }

        private static NDArray wide(HostTrip.Small sent) {
            return sent.array(DataType.FLOAT64);
        }
    }

    private NDArray capped(NDArray moment) {
        if (capRms == 0) {
            return moment;
        }
        double cells = (double) moment.getShape().get(1) * moment.getShape().get(2);
        var rms = norm(moment).divi(Math.sqrt(cells));
        return moment.div(rms.divi(capRms).maximum(1));
    }
}
