package org.lowrank.adapter.kind;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.core.type.TypeReference;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.Initialization;
import org.lowrank.adapter.LayerKind;
import org.lowrank.adapter.LinearAdapter;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.adapter.LoraPair;
import org.lowrank.adapter.StartContext;
import org.lowrank.adapter.StepHook;
import org.lowrank.config.Choice;
import org.lowrank.config.Json;
import org.lowrank.config.Option;
import org.lowrank.config.OptionValues;

/**
 * AdaLoRA: ΔW = s B diag(E) A with B and A near orthogonal, where triplets (column of B, E_i, row
 * of A) compete for a budget of ranks that shrinks while training. {@link LoraConfig#rank} is the
 * initial rank of every matrix. s = alpha/(r + 1e-5), as both released implementations have it (the
 * paper has no s), of the initial r: pruning does not change it.
 *
 * @param targetRank ranks a matrix at the end, on average; at most the initial rank
 * @param tInit steps before pruning begins
 * @param tFinal steps at the end with the final budget
 * @param deltaT steps from one pruning to the next
 * @param totalSteps steps of the run, 0 for those that the run has
 * @param beta1 smoothing of the importance
 * @param beta2 smoothing of its uncertainty
 * @param orthogonalWeight factor of the penalty
 * @param timing when the importance is measured
 * @see <a href="https://arxiv.org/abs/2303.10512">Zhang et al., AdaLoRA, sections 3.1 to 3.3</a>
 */
public record AdaLora(
        int targetRank,
        int tInit,
        int tFinal,
        int deltaT,
        int totalSteps,
        double beta1,
        double beta2,
        double orthogonalWeight,
        Timing timing)
        implements LayerKind {

    /** With which weights |weight x gradient| is measured; the gradient is that before clipping. */
    public enum Timing {
        /** With the weights that the gradient belongs to, as in the paper's algorithm 1. */
        BEFORE_STEP,
        /** With the weights after the optimizer moved them, as both released codes do. */
        AFTER_STEP
    }

    private static final Option<Integer> TARGET_RANK =
            Option.whole("target_rank", 8, "at least 1", n -> n >= 1, "ranks a matrix at the end");
    private static final Option<Integer> T_INIT =
            Option.whole("t_init", 0, "at least 0", n -> n >= 0, "steps before pruning begins");
    private static final Option<Integer> T_FINAL =
            Option.whole("t_final", 0, "at least 0", n -> n >= 0, "steps with the final budget");
    private static final Option<Integer> DELTA_T =
            Option.whole("delta_t", 1, "at least 1", n -> n >= 1, "steps between two prunings");
    private static final Option<Integer> TOTAL_STEPS =
            Option.whole("total_steps", 0, "at least 0", n -> n >= 0, "0: those of the run");
    private static final Option<Double> BETA1 =
            Option.number("beta1", 0.85, "in (0, 1)", b -> b > 0 && b < 1, "smooths importance");
    private static final Option<Double> BETA2 =
            Option.number("beta2", 0.85, "in (0, 1)", b -> b > 0 && b < 1, "smooths uncertainty");
    private static final Option<Double> ORTHOGONAL_WEIGHT =
            Option.number("orthogonal_weight", 0.5, "at least 0", w -> w >= 0, "of the penalty");
    private static final Option<Timing> TIMING =
            Option.choice("timing", Timing.BEFORE_STEP, Timing.class, "when importance is taken");

    static final List<Option<?>> OPTIONS =
            List.of(
                    TARGET_RANK,
                    T_INIT,
                    T_FINAL,
                    DELTA_T,
                    TOTAL_STEPS,
                    BETA1,
                    BETA2,
                    ORTHOGONAL_WEIGHT,
                    TIMING);

    /** Added to the rank in the scaling by the released implementations. */
    static final double SCALING_EPSILON = 1e-5;

    public AdaLora {
        require(targetRank >= 1, "targetRank must be at least 1, not " + targetRank);
        require(tInit >= 0 && tFinal >= 0, "tInit and tFinal must not be negative");
        require(deltaT >= 1, "deltaT must be at least 1, not " + deltaT);
        require(
                totalSteps == 0 || totalSteps > tInit + tFinal,
                "totalSteps %d leaves no step to prune between tInit %d and tFinal %d"
                        .formatted(totalSteps, tInit, tFinal));
        require(beta1 > 0 && beta1 < 1, "beta1 must be in (0, 1), not " + beta1);
        require(beta2 > 0 && beta2 < 1, "beta2 must be in (0, 1), not " + beta2);
        require(
                orthogonalWeight >= 0 && Double.isFinite(orthogonalWeight),
                "orthogonalWeight must not be negative: " + orthogonalWeight);
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }

    /**
     * PEFT's defaults: no warm-up, no final phase, pruning at every step, betas 0.85, weight 0.5.
     */
    public static AdaLora to(int targetRank, int totalSteps) {
        return new AdaLora(targetRank, 0, 0, 1, totalSteps, 0.85, 0.85, 0.5, Timing.BEFORE_STEP);
    }

    static AdaLora from(OptionValues options) {
        return Json.convert(options.writtenOut(), AdaLora.class);
    }

    /** The same as a configuration has it: {@code LoraConfig.withLayer(..)}. */
    public Choice choice() {
        var options = new TypeReference<Map<String, Object>>() {};
        return new Choice("adalora", Json.mapper().convertValue(this, options));
    }

    /** Another division of the run. */
    public AdaLora withSchedule(int newTInit, int newTFinal, int newDeltaT) {
        return Json.with(
                this, Map.of("t_init", newTInit, "t_final", newTFinal, "delta_t", newDeltaT));
    }

    AdaLora withTiming(Timing other) {
        return Json.with(this, Map.of("timing", other));
    }

    /**
     * The number of triplets of all matrices that step t may keep: all of them up to tInit, then
     * target + (initial - target) (1 - (t - tInit)/(T - tInit - tFinal))³ rounded down, and the
     * target from T - tFinal on.
     *
     * @param step t, from 1
     * @param initial triplets of all matrices at the start
     * @param target triplets of all matrices at the end
     */
    public int budget(long step, int initial, int target) {
        if (step <= tInit) {
            return initial;
        }
        if (step >= totalSteps - tFinal) {
            return target;
        }
        double left = 1 - (double) (step - tInit) / (totalSteps - tInit - tFinal);
        return target + (int) ((initial - target) * (left * left * left));
    }

    /** True if step t prunes to its budget. */
    public boolean prunes(long step) {
        return step > tInit && step < totalSteps - tFinal
                ? step % deltaT == 0
                : step >= totalSteps - tFinal;
    }

    @Override
    public LinearAdapter adapter(
            LoraPair pair, AdaptableLinear layer, double dropout, NDManager owner) {
        if (targetRank > pair.rank()) {
            throw new IllegalArgumentException(
                    "%s: AdaLoRA prunes from rank %s down to targetRank %s, which is larger"
                            .formatted(pair.path(), pair.rank(), targetRank));
        }
        return new AdaLoraAdapter(pair, dropout, owner);
    }

    /** E. */
    @Override
    public long trainedBeside(long out, long in, int rank) {
        return rank;
    }

    /** Importance and uncertainty of every number of A, B and E, in float64. */
    @Override
    public long keptBeside(long out, long in, int rank) {
        return 2 * Double.BYTES * (rank * (out + in) + rank);
    }

    @Override
    public double scaling(int rank, double loraAlpha, boolean useRslora) {
        if (useRslora) {
            throw new IllegalArgumentException(
                    "AdaLoRA has the scaling alpha/r of its initial rank; rsLoRA's alpha/sqrt(r)"
                            + " assumes one rank throughout");
        }
        return loraAlpha / (rank + SCALING_EPSILON);
    }

    /** A and B normal with standard deviation 0.02. */
    @Override
    public Optional<String> ownInitialization() {
        return Optional.of("adalora");
    }

    @Override
    public Optional<StepHook> stepHook(
            Map<String, LinearAdapter> adapters, StartContext context, NDManager owner) {
        require(
                totalSteps + context.steps() > 0,
                "AdaLoRA needs the number of steps: give total_steps, or a run that knows it");
        var settings =
                totalSteps > 0 ? this : Json.with(this, Map.of("total_steps", context.steps()));
        return Optional.of(new RankAllocator(settings, adapters, owner));
    }

    @Override
    public Optional<String> refusesInitialization(Initialization start) {
        if (start.hasZeroFactor()) {
            return Optional.of(
                    "AdaLoRA starts from E = 0: with a zero factor beside it every gradient would be"
                            + " zero for ever, also the penalty's; start it from its own, or from the"
                            + " orthogonal one");
        }
        return start.correctsBase() || start.movesOutput()
                ? Optional.of(
                        "AdaLoRA starts from E = 0, so that B diag(E) A = 0 cannot hold what "
                                + start
                                + " puts into BA")
                : Optional.empty();
    }

    @Override
    public Optional<String> refusesGradientRules() {
        return Optional.of(
                "AdaLoRA's gradients are s diag(E) Bᵀ G and s G Aᵀ diag(E), and its penalty is no"
                        + " function of W: the rules need gᴬ = s BᵀG and gᴮ = s G Aᵀ");
    }

    @Override
    public String toString() {
        return "adalora" + choice().options();
    }
}
