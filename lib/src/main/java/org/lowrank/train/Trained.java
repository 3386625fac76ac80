package org.lowrank.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.lowrank.adapter.AdaptableModel;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.adapter.StepHook;
import org.lowrank.engine.Arrays;
import org.lowrank.engine.Checksums;
import org.lowrank.optim.PairOptimizer;
import org.lowrank.optim.ParameterAdamW;

/**
 * What a run moves, and by what.
 *
 * @param model the model whose other arrays stay as they are
 * @param adapters the pairs, or null (frozen encoder, full fine-tuning)
 * @param pairOptimizer moves the pairs, null without adapters
 * @param others what is trained besides the pairs, by name: head, norm layers, or every weight;
 *     what a layer kind trains beside a pair (DoRA's m, AdaLoRA's E) is added, as PATH.NAME
 * @param otherOptimizer moves them, null if there are none
 */
public record Trained(
        AdaptableModel model,
        AdapterSet adapters,
        PairOptimizer pairOptimizer,
        Map<String, NDArray> others,
        ParameterAdamW otherOptimizer) {

    public Trained {
        others = new LinkedHashMap<>(others);
        others.putAll(extras(adapters));
        if (adapters == null && others.isEmpty()) {
            throw new IllegalArgumentException(
                    "there is nothing to train: no adapter, no parameter");
        }
        if ((adapters == null) != (pairOptimizer == null)) {
            throw new IllegalArgumentException("adapters and a pair optimizer come together");
        }
        if (adapters != null && pairOptimizer.needs().freezesA()) {
            refuseZeroA(adapters, pairOptimizer);
        }
        if (adapters != null && pairOptimizer.needs().productGradients()) {
            adapters.kind()
                    .refusesGradientRules()
                    .ifPresent(
                            reason -> {
                                throw new IllegalArgumentException(
                                        pairOptimizer + " cannot train it: " + reason);
                            });
        }
        if (others.isEmpty() != (otherOptimizer == null)) {
            throw new IllegalArgumentException(
                    "other parameters and their optimizer come together; there are "
                            + others.size()
                            + " parameters");
        }
    }

    /**
     * The same with AdamW without decay for what is trained beside the pairs, if anything is.
     *
     * @throws IllegalArgumentException if nothing is trained
     */
    public static Trained of(
            AdaptableModel model,
            AdapterSet adapters,
            PairOptimizer pairOptimizer,
            Map<String, NDArray> others) {
        boolean any = !others.isEmpty() || !extras(adapters).isEmpty();
        return new Trained(
                model, adapters, pairOptimizer, others, any ? new ParameterAdamW(0) : null);
    }

    /** What the layer kind trains beside each pair, as PATH.NAME. */
    private static Map<String, NDArray> extras(AdapterSet adapters) {
        var extras = new LinkedHashMap<String, NDArray>();
        if (adapters != null) {
            adapters.adapters()
                    .forEach(
                            (path, adapter) ->
                                    adapter.extraParameters()
                                            .forEach(
                                                    (name, e) -> extras.put(path + "." + name, e)));
        }
        return extras;
    }

    private static void refuseZeroA(AdapterSet adapters, PairOptimizer optimizer) {
        for (var stack : adapters.stacks()) {
            try (var largest = stack.loraA().abs().max()) {
                if (largest.toType(DataType.FLOAT32, false).getFloat() == 0) {
                    throw new IllegalArgumentException(
                            optimizer
                                    + " keeps lora_A where it started, and it started at zero: the"
                                    + " gradient of lora_B is zero for ever");
                }
            }
        }
    }

    /** Every pair by shape; empty without adapters. */
    public List<PairStack> stacks() {
        return adapters == null ? List.of() : adapters.stacks();
    }

    NDManager manager() {
        return adapters == null
                ? others.values().iterator().next().getManager()
                : stacks().get(0).loraA().getManager();
    }

    FirstStepCheck firstStepCheck() {
        // where the gradients are not sBᵀG and sGAᵀ, what moves first is another matter
        boolean product = adapters.kind().refusesGradientRules().isEmpty();
        return new FirstStepCheck(
                product ? stacks() : List.of(),
                !pairOptimizer.needs().movesWithoutGradient(),
                model,
                others);
    }

    /** Records what the coming step reads, and nothing else. */
    void recordStep() {
        if (adapters != null) {
            var reads = pairOptimizer.needs().reads();
            adapters.requireGradients(reads.includeA(), reads.includeB());
        }
        others.values().forEach(p -> p.setRequiresGradient(true));
    }

    /** What the layer kind adds to a step, if anything. */
    Optional<StepHook> stepHook() {
        return adapters == null ? Optional.empty() : adapters.stepHook();
    }

    /** Outside training nothing is recorded. */
    void recordNothing() {
        if (adapters != null) {
            adapters.requireGradients(false, false);
        }
        others.values().forEach(p -> p.setRequiresGradient(false));
    }

    List<PairGradient> pairGradients(NDManager owner) {
        return adapters == null ? List.of() : adapters.gradients(owner);
    }

    Map<String, NDArray> otherGradients(NDManager owner) {
        var gradients = new LinkedHashMap<String, NDArray>();
        others.forEach(
                (name, parameter) -> {
                    var gradient = parameter.getGradient();
                    gradient.attach(owner);
                    gradients.put(name, gradient);
                });
        return gradients;
    }

    /** A step on gradients whose norm is finite. */
    void move(
            List<PairGradient> raw,
            Map<String, NDArray> otherGradients,
            double learningRate,
            double otherLearningRate) {
        if (adapters != null) {
            pairOptimizer.stepOnFinite(stacks(), raw, learningRate);
        }
        if (otherOptimizer != null) {
            var withPairs =
                    adapters != null && pairOptimizer.needs().adamRate()
                            ? extras(adapters).keySet()
                            : Set.<String>of();
            otherOptimizer.stepOnFinite(
                    others,
                    otherGradients,
                    name -> withPairs.contains(name) ? learningRate : otherLearningRate);
        }
    }

    /** SHA-256 of all values, to tell whether two runs ended bit-equal. */
    public String sha256() {
        var arrays = new LinkedHashMap<String, NDArray>();
        for (var stack : stacks()) {
            arrays.put(stack.paths() + ".lora_A", stack.loraA());
            arrays.put(stack.paths() + ".lora_B", stack.loraB());
        }
        arrays.putAll(others());
        return Checksums.of(arrays);
    }

    void zeroGradients() {
        if (adapters != null) {
            adapters.zeroGradients();
        }
        others.values().forEach(Arrays::zeroGradient);
    }

    public long parameterCount() {
        long count = 0;
        for (var stack : stacks()) {
            count += stack.loraA().size() + stack.loraB().size();
        }
        for (var other : others.values()) {
            count += other.size();
        }
        return count;
    }

    /** Bytes that the optimizers keep between steps. */
    public long optimizerStateBytes() {
        return (pairOptimizer == null ? 0 : pairOptimizer.stateBytes())
                + (otherOptimizer == null ? 0 : otherOptimizer.stateBytes());
    }

    /** The optimizers with every hyper-parameter. */
    public String optimizerDescription() {
        if (pairOptimizer == null) {
            return otherOptimizer.toString();
        }
        return otherOptimizer == null
                ? pairOptimizer.toString()
                : pairOptimizer + "; other parameters: " + otherOptimizer;
    }
}
