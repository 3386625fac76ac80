package org.lowrank.adapter.peft;

import java.util.List;

/**
 * What a saved adapter says beside its weights.
 *
 * @param modulesToSave modules of the base that are saved whole, beside those of the adapters'
 *     configuration: {@code classifier}
 * @param modelPrefix what stands before the module paths in the model that PEFT will load the
 *     adapter into: {@code bert} for a {@code BertForSequenceClassification}, empty for a bare
 *     encoder; null for that of the file that was read, or of the model
 * @param heads modules that stand beside the encoder in that model, and have no prefix: {@link
 *     #USUAL_HEADS} unless told otherwise
 * @param baseModel the base model's name or path, or null
 * @param taskType PEFT's task, for example {@code SEQ_CLS}, or null
 */
public record PeftOptions(
        List<String> modulesToSave,
        String modelPrefix,
        List<String> heads,
        String baseModel,
        String taskType) {

    /** What Hugging Face's models call their heads; {@code cls} is BERT's of masked words. */
    public static final List<String> USUAL_HEADS =
            List.of("classifier", "pre_classifier", "score", "qa_outputs", "lm_head", "cls");

    /** The model's own prefix, nothing saved whole beyond the configuration, no names. */
    public static final PeftOptions NONE =
            new PeftOptions(List.of(), null, USUAL_HEADS, null, null);

    public PeftOptions {
        modulesToSave = List.copyOf(modulesToSave);
        heads = List.copyOf(heads);
    }

    public PeftOptions withModulesToSave(String... modules) {
        return new PeftOptions(List.of(modules), modelPrefix, heads, baseModel, taskType);
    }

    public PeftOptions withModelPrefix(String prefix) {
        return new PeftOptions(modulesToSave, prefix, heads, baseModel, taskType);
    }

    /** Other modules beside the encoder than the usual ones, by their full paths. */
    public PeftOptions withHeads(String... modules) {
        return new PeftOptions(modulesToSave, modelPrefix, List.of(modules), baseModel, taskType);
    }

    public PeftOptions withBaseModel(String name, String task) {
        return new PeftOptions(modulesToSave, modelPrefix, heads, name, task);
    }

    /** The path of a module, or the name of an array, as PEFT's model has it. */
    String inFile(String path) {
        return modelPrefix.isEmpty() || isHead(path) ? path : modelPrefix + "." + path;
    }

    /** True for a head or what is in one. */
    boolean isHead(String path) {
        return heads.stream().anyMatch(h -> path.equals(h) || path.startsWith(h + "."));
    }
}
