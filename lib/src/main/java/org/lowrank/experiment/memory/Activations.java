package org.lowrank.experiment.memory;

import static org.lowrank.experiment.memory.MemoryNeed.FLOAT;
import static org.lowrank.experiment.memory.MemoryNeed.part;

import java.util.List;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.engine.Packing;
import org.lowrank.experiment.memory.MemoryNeed.Part;
import org.lowrank.experiment.spec.RunConfig;
import org.lowrank.model.head.TokenLoss;

/**
 * What a training step keeps for its backward pass, and the most that comes and goes beside it: in
 * a layer, at the loss, or where numbers are made of a packed weight.
 */
final class Activations {

    /** Logits, their exponentials and their gradient, by autograd. */
    private static final int LOGITS = 3;

    /** A layer's input is kept, whatever else is not. */
    private static final String BY_LAYER = "by_layer";

    private Activations() {}

    /** Whether layers and loss are programs of their own, which keep less than autograd does. */
    private static boolean isProgram(RunConfig config) {
        var adapter = config.adapter();
        return adapter.hasPairs()
                && adapter.layer().equals(LoraConfig.LORA)
                && adapter.loraDropout() == 0
                && adapter.modulesToSave().isEmpty()
                && config.training().modelDropout() == 0;
    }

    static void add(
            List<Part> parts,
            RunConfig config,
            ModelSize size,
            Base base,
            List<ModelSize.LinearMap> adapted) {
        int length = config.task().maxLength();
        double tokens = (double) config.training().batchSize() * length;
        int pairs = config.adapter().hasPairs() ? config.adapter().kind().pairsPerLayer() : 1;
        double ranks = (double) pairs * config.adapter().rank() * adapted.size() / size.layers();
        var paths = adapted.stream().map(ModelSize.LinearMap::path).toList();
        boolean program = size.programmed() && isProgram(config);
        double kept =
                program
                        ? size.keptByProgram(ranks, length)
                        : size.kept(paths, config.adapter().hasPairs() ? ranks : 0, length);
        boolean byLayer = Boolean.TRUE.equals(config.task().options().get(BY_LAYER));
        double ofLayer = byLayer ? size.width() : kept;
        parts.add(
                part(
                        FLOAT * tokens * size.layers() * ofLayer,
                        "activations",
                        "%.0f tokens × %d layers × %.0f × 4 bytes",
                        tokens,
                        size.layers(),
                        ofLayer));
        double logits = size.decoder() ? size.vocabulary() : 0;
        if (program) {
            double passing = size.passingInProgram(length) + (byLayer ? kept : 0);
            addPassingInProgram(parts, size, base, tokens, logits, passing);
            return;
        }
        // by autograd the logits last a step, and so do cuts around products with packed weights
        double passing =
                size.passing(length)
                        + (byLayer ? kept + logits : 0)
                        + (base.isPacked() ? size.atCuts() : 0);
        double atOnce = base.isPacked() ? Math.min(size.largest(), Packing.AT_ONCE) : 0;
        double ofHead = size.decoder() ? size.vocabulary() : size.inner();
        if (atOnce > 0 && atOnce + tokens * ofHead > tokens * Math.max(LOGITS * logits, passing)) {
            parts.add(
                    part(
                            FLOAT * (atOnce + tokens * ofHead),
                            "a weight while it is used",
                            "(%.1f M numbers + %.0f tokens × %.0f) × 4 bytes",
                            atOnce / 1e6,
                            tokens,
                            ofHead));
        } else if (LOGITS * logits > passing) {
            parts.add(
                    part(
                            FLOAT * tokens * LOGITS * logits,
                            "logits",
                            "%.0f tokens × %d words × %d × 4 bytes",
                            tokens,
                            size.vocabulary(),
                            LOGITS));
        } else {
            parts.add(passing(tokens, passing));
        }
    }

    /** The larger of what the loss takes, of some tokens at a time, and a layer on its way back. */
    private static void addPassingInProgram(
            List<Part> parts,
            ModelSize size,
            Base base,
            double tokens,
            double logits,
            double passing) {
        boolean packed = base.isPacked();
        double rows = Math.min(tokens, packed ? TokenLoss.ROWS_OF_PACKED : TokenLoss.ROWS);
        double head = packed ? Math.min(logits * size.width(), Packing.AT_ONCE) : 0;
        double ofLayer = packed ? size.mapWeights() / (double) size.layers() : 0;
        boolean atLoss = head + rows * logits > ofLayer + tokens * passing;
        double numbers = atLoss ? head : ofLayer;
        if (packed) {
            parts.add(
                    part(
                            FLOAT * numbers,
                            "weights while they are used",
                            "%.1f M numbers × 4 bytes",
                            numbers / 1e6));
        }
        parts.add(
                atLoss
                        ? part(
                                FLOAT * rows * logits,
                                "logits",
                                "%.0f tokens × %d words × 4 bytes",
                                rows,
                                size.vocabulary())
                        : passing(tokens, passing));
    }

    private static Part passing(double tokens, double numbers) {
        return part(
                FLOAT * tokens * numbers,
                "what comes and goes in a layer",
                "%.0f tokens × %.0f × 4 bytes",
                tokens,
                numbers);
    }
}
