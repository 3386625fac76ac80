package org.lowrank.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.lowrank.model.block.CausalModel;
import org.lowrank.text.TokenBatch;
import org.lowrank.weights.TensorSources;

/**
 * Small models of the kinds on which other libraries went wrong, below {@code -Dlowrank.cases=DIR}:
 * the logits of their last position, or a refusal that says what is wrong.
 */
class CasesTest {

    private static final Path ROOT =
            Path.of(System.getProperty("lowrank.cases", "../../shared/cases"));

    /** Cases that are to be refused, and words of the refusal. */
    private static final Map<String, String[]> REFUSED =
            Map.of(
                    "26/unknown", new String[] {"rope_scaling.rope_type", "spiral", "longrope"},
                    "26/su", new String[] {"rope_scaling.", "\"su\"", "longrope"},
                    "26/yarn_attn_factor", new String[] {"attn_factor"},
                    "27/bias_in_the_file_only",
                            new String[] {"attention_bias", "4 tensors", "o_proj.bias"},
                    "42/index_path_outside", new String[] {"../ok/part-a.safetensors"},
                    "42/metadata_nested", new String[] {"__metadata__"},
                    "42/metadata_number", new String[] {"__metadata__"},
                    "42/name_twice", new String[] {"twice"});

    /** Opens one case of a folder. */
    private interface Opening {
        PretrainedModel open(Path folder, String name) throws IOException;
    }

    @TestFactory
    Stream<DynamicTest> rotaryKeys() throws IOException {
        return cases("26-rope-keys", "cases", CasesTest::withConfig);
    }

    @TestFactory
    Stream<DynamicTest> headWidthsAndBiases() throws IOException {
        return cases("27-head-dim-and-biases", "cases", CasesTest::inFolder);
    }

    @TestFactory
    Stream<DynamicTest> whichLayersSlide() throws IOException {
        return cases("28-which-layers-slide", "cases", CasesTest::withConfig);
    }

    @TestFactory
    Stream<DynamicTest> rowsOfQueriesAndKeysInGguf() throws IOException {
        return cases(
                "31-gguf-rows-of-q-and-k",
                "files",
                (folder, name) -> PretrainedModel.open(folder.resolve(name + ".gguf")));
    }

    @TestFactory
    Stream<DynamicTest> metadata() throws IOException {
        return cases("42-safetensors-metadata", "cases", CasesTest::inFolder);
    }

    private static PretrainedModel inFolder(Path folder, String name) throws IOException {
        return PretrainedModel.open(folder.resolve(name));
    }

    private static PretrainedModel withConfig(Path folder, String name) throws IOException {
        var file = folder.resolve(name + ".json");
        var weights = TensorSources.open(folder.resolve("model.safetensors"));
        return PretrainedModel.of(file, new ObjectMapper().readTree(file.toFile()), weights);
    }

    private static Stream<DynamicTest> cases(String set, String field, Opening opening)
            throws IOException {
        var folder = ROOT.resolve(set);
        if (!Files.isDirectory(folder)) {
            return Stream.of(
                    dynamicTest(
                            set, () -> assumeTrue(false, folder.toAbsolutePath() + " not there")));
        }
        var expected = new ObjectMapper().readTree(folder.resolve("expected.json").toFile());
        return stream(expected.get(field).fieldNames())
                .map(
                        name ->
                                dynamicTest(
                                        name,
                                        () -> {
                                            var refused =
                                                    REFUSED.get(set.substring(0, 2) + "/" + name);
                                            if (refused != null) {
                                                isRefused(opening, folder, name, refused);
                                            } else {
                                                matches(opening, folder, name, field, expected);
                                            }
                                        }));
    }

    private static <T> Stream<T> stream(Iterator<T> items) {
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(items, 0), false);
    }

    private static void isRefused(Opening opening, Path folder, String name, String... words) {
        var error =
                assertThrows(
                        IOException.class,
                        () -> {
                            try (var manager = NDManager.newBaseManager();
                                    var opened = opening.open(folder, name)) {
                                opened.load(CausalModel.class, LoadOptions.PLAIN, manager);
                            }
                        });
        for (var word : words) {
            assertTrue(error.getMessage().contains(word), error.getMessage() + "\n lacks " + word);
        }
    }

    private static void matches(
            Opening opening, Path folder, String name, String field, JsonNode expected)
            throws IOException {
        var one = expected.get(field).get(name);
        var some = one.path("logits_last_position_first_4");
        var wanted =
                one.has("logits_last_position")
                        ? one.get("logits_last_position")
                        : some.isMissingNode() // the same model as the others of the set
                                ? expected.at("/cases/metadata_absent/logits_last_position_first_4")
                                : some;
        var ids = expected.get("input_ids").get(0);
        try (var manager = NDManager.newBaseManager();
                var opened = opening.open(folder, name)) {
            var model = opened.load(CausalModel.class, LoadOptions.PLAIN, manager);
            var input = new long[ids.size()];
            for (int i = 0; i < input.length; i++) {
                input[i] = ids.get(i).asLong();
            }
            var shape = new Shape(1, input.length);
            var batch =
                    new TokenBatch(
                            manager.create(input, shape), manager.ones(shape, DataType.FLOAT32));
            var last = manager.create(new long[] {input.length - 1});
            var seen = model.logits(batch, last, false).toFloatArray();
            double tolerance = expected.path("tolerance").asDouble(1e-5);
            for (int i = 0; i < wanted.size(); i++) {
                assertEquals(wanted.get(i).asDouble(), seen[i], tolerance, "logit " + i);
            }
        }
    }
}
