package org.lowrank.adapter.peft;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import org.lowrank.adapter.AdaptableModel;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.kind.Experts;

/**
 * Adapters in a folder as PEFT has them.
 *
 * <pre>{@code
 * PeftAdapter.save(folder, set, "classifier");
 * var again = PeftAdapter.load(folder, freshModel);
 * }</pre>
 */
public final class PeftAdapter {

    public static final String CONFIG = "adapter_config.json";

    public static final String WEIGHTS = "adapter_model.safetensors";

    /** How people name a base whose weights are stored in few bits. */
    private static final Pattern FEW_BITS =
            Pattern.compile(
                    "(?i)(?<![a-z0-9])(bnb|[48]-?bit|int[48]|nf4|fp4|gptq|awq|aqlm|hqq|exl[23]|gguf|[wq][48](?![0-9]))(?![a-z])");

    private PeftAdapter() {}

    /**
     * Writes the adapters and the modules that are trained whole.
     *
     * <p>An initialisation that changed W0 (PiSSA, LoRA-GA) is saved as a difference that loads on
     * the original base: with A0 and B0 at the start, W0 - sB0A0 + sBA = W0 + s [B, -B0] [A; A0],
     * of rank 2r. Experts, which PEFT has not, are saved so that it refuses them.
     *
     * @param modulesToSave modules of the base that are saved whole, beside those of the adapters'
     *     configuration: {@code classifier}
     * @throws IllegalArgumentException if the model has no such module, or the adapters are
     *     AdaLoRA's of several initial ranks, which PEFT has not; nothing is written then
     * @throws IOException if a file cannot be written
     */
    public static void save(Path folder, AdapterSet set, String... modulesToSave)
            throws IOException {
        save(folder, set, PeftOptions.NONE.withModulesToSave(modulesToSave));
    }

    /** As {@link #save(Path, AdapterSet, String...)}, with names for the model that reads it. */
    public static void save(Path folder, AdapterSet set, PeftOptions options) throws IOException {
        if (set.kind() instanceof Experts && set.kind().pairsPerLayer() > 1) {
            ExpertsFolder.write(folder, set, options);
        } else {
            new PeftWriter(set, options).write(folder);
        }
    }

    /**
     * Attaches the adapters of a folder to a model and overwrites the modules that were saved
     * whole.
     *
     * <p>A head that the configuration lists, and that neither the model nor the file has, is
     * passed over: PEFT lists {@code classifier} and {@code score} for every classifier.
     *
     * @param model the base, without adapters; its module paths are those of the file, which may
     *     have a prefix more ({@code bert.})
     * @throws IOException if a file is missing, damaged, or not for this model, or if its factors
     *     belong to a base that their start has changed; the message names file and field
     */
    public static AdapterSet load(Path folder, AdaptableModel model) throws IOException {
        AdapterFolder.check(folder);
        return ExpertsFolder.isNamed(folder)
                ? ExpertsFolder.read(folder, model)
                : new PeftReader(folder, model).read();
    }

    /**
     * The base of an adapter, if its name says that its weights were quantised. The adapter is an
     * ordinary one and loads on any base of the same shapes; its scores on float weights are not
     * those that were measured in training.
     *
     * @return the name that the configuration gives, or nothing
     * @throws IOException as {@link #load} for the configuration
     */
    public static Optional<String> quantizedBase(Path folder) throws IOException {
        AdapterFolder.check(folder);
        var base = PeftConfig.read(folder.resolve(CONFIG)).baseModelNameOrPath();
        return Optional.ofNullable(base).filter(name -> FEW_BITS.matcher(name).find());
    }
}
