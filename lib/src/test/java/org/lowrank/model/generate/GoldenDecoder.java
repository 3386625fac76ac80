package org.lowrank.model.generate;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.StreamSupport;
import org.lowrank.model.LoadOptions;
import org.lowrank.model.PretrainedModel;
import org.lowrank.model.block.CausalModel;
import org.lowrank.weights.TensorSources;

/** A tiny decoder whose texts another implementation wrote too. */
final class GoldenDecoder {

    private GoldenDecoder() {}

    /**
     * @param positions as many as its context has
     */
    static CausalModel open(Path of, int positions, NDManager manager) throws IOException {
        var file = of.resolve("config.json");
        var json = (ObjectNode) new ObjectMapper().readTree(file.toFile());
        json.put("max_position_embeddings", positions);
        try (var opened = PretrainedModel.of(file, json, TensorSources.open(of))) {
            return opened.load(CausalModel.class, LoadOptions.PLAIN, manager);
        }
    }

    static int[] ints(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .mapToInt(JsonNode::intValue)
                .toArray();
    }
}
