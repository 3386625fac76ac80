package org.lowrank.adapter.peft;

import java.util.List;

/**
 * What a saved adapter says beside its weights.
 *
 * @param modulesToSave modules of the base that are saved whole, beside those of the adapters'
 *     configuration: {@code classifier}
 * @param modelPrefix what stands before the module paths in the model that PEFT will load the
 *     adapter into: {@code bert} for a {@code BertForSequenceClassification}, empty for a bare
 *     encoder. Modules that are saved whole do not get it.
 * @param baseModel the base model's name or path, or null
 * @param taskType PEFT's task, for example {@code SEQ_CLS}, or null
 */
public record PeftOptions(
        List<String> modulesToSave, String modelPrefix, String baseModel, String taskType) {

    /** A bare encoder, nothing saved whole beyond the configuration, no names. */
    public static final PeftOptions NONE = new PeftOptions(List.of(), "", null, null);

    public PeftOptions {
        modulesToSave = List.copyOf(modulesToSave);
    }

    public PeftOptions withModulesToSave(String... modules) {
        return new PeftOptions(List.of(modules), modelPrefix, baseModel, taskType);
    }

    public PeftOptions withModelPrefix(String prefix) {
        return new PeftOptions(modulesToSave, prefix, baseModel, taskType);
    }

    public PeftOptions withBaseModel(String name, String task) {
        return new PeftOptions(modulesToSave, modelPrefix, name, task);
    }

    /** A module path as PEFT's model has it. */
    String inFile(String path) {
        return modelPrefix.isEmpty() ? path : modelPrefix + "." + path;
    }
}
