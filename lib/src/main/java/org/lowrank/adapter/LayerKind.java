package org.lowrank.adapter;

import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an adapter does with its factors: LoRA, DoRA, AdaLoRA, experts. {@link LayerKinds} knows
 * them by name. (rsLoRA is LoRA with another scaling: {@link LoraConfig#withRslora}.)
 */
public interface LayerKind {

    /**
     * A new adapter of this kind.
     *
     * @param pair the factors, which hold their first values
     * @param layer the layer that will carry it
     * @param dropout probability of dropout on its input
     * @param owner lives as long as the adapter
     */
    LinearAdapter adapter(LoraPair pair, AdaptableLinear layer, double dropout, NDManager owner);

    /** Pairs of an adapted weight: more than one for a mixture. */
    default int pairsPerLayer() {
        return 1;
    }

    /** Numbers that it trains beside the pairs of a weight (out, in). */
    default long trainedBeside(long out, long in, int rank) {
        return 0;
    }

    /** Bytes that its step hook keeps of such a weight from step to step. */
    default long keptBeside(long out, long in, int rank) {
        return 0;
    }

    /** A new adapter of as many pairs as the kind has, of equal shapes, started one by one. */
    default LinearAdapter adapter(
            List<LoraPair> pairs, AdaptableLinear layer, double dropout, NDManager owner) {
        return adapter(pairs.get(0), layer, dropout, owner);
    }

    /** s for a rank and an alpha. */
    default double scaling(int rank, double loraAlpha, boolean useRslora) {
        return loraAlpha / (useRslora ? Math.sqrt(rank) : rank);
    }

    /** The name of the start that belongs to this kind, if it has one of its own. */
    default Optional<String> ownInitialization() {
        return Optional.empty();
    }

    /** Why this kind cannot start in that way, or empty if it can. */
    default Optional<String> refusesInitialization(Initialization start) {
        return start.needsZeroDiagonal()
                ? Optional.of(
                        "AdaLoRA's start has two random factors: without its E = 0 the output would"
                                + " move")
                : Optional.empty();
    }

    /** Why this kind cannot stand on such a map, or empty if it can. */
    default Optional<String> refusesLayer(AdaptableLinear layer) {
        return layer.role() == AdaptableLinear.Role.TABLE
                ? Optional.of("a table of embeddings carries LoRA, no other kind")
                : Optional.empty();
    }

    /**
     * What this kind adds to every training step, if anything.
     *
     * @param adapters all adapters of the model
     * @param context for the number of steps
     * @param owner lives as long as the adapters
     */
    default Optional<StepHook> stepHook(
            Map<String, LinearAdapter> adapters, StartContext context, NDManager owner) {
        return Optional.empty();
    }

    /**
     * Why the gradient rules of LoRA-Pro, AltLoRA and their relatives are not defined for this
     * kind, or empty if they are. They need gᴬ = s BᵀG and gᴮ = s G Aᵀ for one matrix G.
     */
    default Optional<String> refusesGradientRules() {
        return Optional.empty();
    }
}
