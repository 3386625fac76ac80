package org.lowrank.model;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import org.lowrank.model.block.Decoder;

/** Networks of random weights from a configuration alone. */
public final class ConfigProbe {

    private ConfigProbe() {}

    public static Decoder random(JsonNode config, NDManager owner) throws IOException {
        var keys = new ConfigKeys(Path.of("config.json"), config);
        return Decoder.random(LlamaFamily.form(keys, 0), 1, owner);
    }
}
