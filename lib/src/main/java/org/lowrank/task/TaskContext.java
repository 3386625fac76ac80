package org.lowrank.task;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.lowrank.data.source.CacheFolder;
import org.lowrank.data.source.DataRoot;
import org.lowrank.model.LoadOptions;
import org.lowrank.model.PretrainedModel;

/**
 * What a task is opened with.
 *
 * @param model the name under which it was published, or its folder or file
 * @param load how it is loaded
 * @param batchSize rows of a training batch
 * @param seed of the head and of the order of the batches
 * @param owner frees the model when it is closed, and gives the device
 */
public record TaskContext(
        String model, LoadOptions load, int batchSize, long seed, NDManager owner) {

    /** The model, opened and not yet loaded; to be closed by the task. */
    public PretrainedModel open() throws IOException {
        return PretrainedModel.open(model);
    }

    /** For a record: which model it is, and where its files came from. */
    public static Map<String, Object> facts(PretrainedModel model) {
        var facts = new LinkedHashMap<String, Object>();
        facts.put("name", model.name());
        facts.put("artifact", CacheFolder.named(DataRoot.ofThisMachine().named(model.source())));
        return facts;
    }
}
