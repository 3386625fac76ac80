package org.lowrank.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.lowrank.model.block.CausalModel;
import org.lowrank.text.TokenBatch;

/** Folders of small models on which other libraries went wrong, with what is right. */
final class Cases {

    static final Path ROOT = Path.of(System.getProperty("lowrank.cases", "../../shared/cases"));

    private Cases() {}

    static Path folder(String set) {
        var folder = ROOT.resolve(set);
        assumeTrue(Files.isDirectory(folder), folder.toAbsolutePath() + " is not there");
        return folder;
    }

    static JsonNode expected(Path folder) throws IOException {
        return new ObjectMapper().readTree(folder.resolve("expected.json").toFile());
    }

    static CausalModel load(PretrainedModel opened, NDManager manager) throws IOException {
        return opened.load(CausalModel.class, LoadOptions.PLAIN, manager);
    }

    static PretrainedModel inFolder(Path folder, String name) throws IOException {
        return PretrainedModel.open(folder.resolve(name));
    }

    static long[] ids(JsonNode list) {
        var ids = new long[list.size()];
        Arrays.setAll(ids, i -> list.get(i).asLong());
        return ids;
    }

    /** Those of the last position. */
    static float[] logits(CausalModel model, JsonNode list) {
        try (var step = model.manager().newSubManager()) {
            var input = ids(list);
            var shape = new Shape(1, input.length);
            var mask = step.ones(shape, DataType.FLOAT32);
            var batch = new TokenBatch(step.create(input, shape), mask);
            var last = step.create(new long[] {input.length - 1});
            return model.logits(batch, last, false).toFloatArray();
        }
    }

    static void compare(float[] seen, JsonNode wanted, double tolerance) {
        for (int i = 0; i < wanted.size(); i++) {
            assertEquals(wanted.get(i).asDouble(), seen[i], tolerance, "logit " + i);
        }
    }
}
