package org.lowrank.adapter.kind;

import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.Initialization;
import org.lowrank.adapter.LayerKind;
import org.lowrank.adapter.LinearAdapter;
import org.lowrank.adapter.LoraPair;
import org.lowrank.adapter.StartContext;
import org.lowrank.adapter.StepHook;
import org.lowrank.config.Option;
import org.lowrank.config.OptionValues;

/**
 * Several pairs a weight, mixed by a gate on the layer's input: {@link ExpertsAdapter}. AltLoRA
 * (arXiv 2505.12455, table 10) has 1, 4 and 8 with the gate of mixture of LoRA experts (arXiv
 * 2404.13628) and an entropy weight of 1e-4; which entropy it is, the paper does not say. Here the
 * objective falls by that weight times the entropy of the shares, averaged over layers and the
 * positions that they compute (those of padding too; in the last layer of an encoder of which the
 * first token alone is read, that one), so that no expert is starved early.
 *
 * @param experts k, pairs a weight; with one there is no gate, and this is LoRA
 * @param entropyWeight of the mean entropy in the objective, 0 for none
 */
public record Experts(int experts, double entropyWeight) implements LayerKind {

    private static final Option<Integer> EXPERTS =
            Option.whole("experts", 4, "at least 1", k -> k >= 1, "pairs a weight");
    private static final Option<Double> ENTROPY_WEIGHT =
            Option.number(
                    "entropy_weight",
                    1e-4,
                    "at least 0",
                    weight -> weight >= 0,
                    "of the gate's mean entropy, which the objective rewards");

    static final List<Option<?>> OPTIONS = List.of(EXPERTS, ENTROPY_WEIGHT);

    public Experts {
        EXPERTS.require(experts);
        ENTROPY_WEIGHT.require(entropyWeight);
    }

    static Experts from(OptionValues options) {
        return new Experts(options.get(EXPERTS), options.get(ENTROPY_WEIGHT));
    }

    /** The options as a configuration has them. */
    public Map<String, Object> options() {
        return Map.of(EXPERTS.name(), experts, ENTROPY_WEIGHT.name(), entropyWeight);
    }

    @Override
    public int pairsPerLayer() {
        return experts;
    }

    /** The gate, which one expert does not need. */
    @Override
    public long trainedBeside(long out, long in, int rank) {
        return experts == 1 ? 0 : experts * in;
    }

    @Override
    public LinearAdapter adapter(
            LoraPair pair, AdaptableLinear layer, double dropout, NDManager owner) {
        return adapter(List.of(pair), layer, dropout, owner);
    }

    @Override
    public LinearAdapter adapter(
            List<LoraPair> pairs, AdaptableLinear layer, double dropout, NDManager owner) {
        if (layer.patches() != null) {
            throw new IllegalArgumentException(
                    pairs.get(0).path().replaceFirst("\\.experts\\.\\d+$", "")
                            + " is a convolution, and experts are gated by the vector of a token;"
                            + " lora, dora and adalora go on convolutions");
        }
        return new ExpertsAdapter(pairs, dropout, experts > 1 && entropyWeight > 0, owner);
    }

    @Override
    public Optional<StepHook> stepHook(
            Map<String, LinearAdapter> adapters, StartContext context, NDManager owner) {
        return experts > 1 && entropyWeight > 0
                ? Optional.of(new GateEntropy(entropyWeight, adapters.values(), owner))
                : Optional.empty();
    }

    @Override
    public Optional<String> refusesInitialization(Initialization start) {
        return experts > 1 && (start.correctsBase() || start.movesOutput())
                ? Optional.of(
                        "experts share what they start with by a gate, so that "
                                + start
                                + " would move the output; a factor of each has to start at zero")
                : LayerKind.super.refusesInitialization(start);
    }

    @Override
    public String toString() {
        return "experts(experts=" + experts + ", entropyWeight=" + entropyWeight + ")";
    }
}
