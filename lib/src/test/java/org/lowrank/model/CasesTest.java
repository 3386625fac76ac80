package org.lowrank.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;
import static org.lowrank.model.Cases.ROOT;
import static org.lowrank.model.Cases.compare;
import static org.lowrank.model.Cases.expected;
import static org.lowrank.model.Cases.folder;
import static org.lowrank.model.Cases.ids;
import static org.lowrank.model.Cases.inFolder;
import static org.lowrank.model.Cases.load;
import static org.lowrank.model.Cases.logits;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.adapter.peft.PeftAdapter;
import org.lowrank.model.block.CausalModel;
import org.lowrank.model.block.Decoder;
import org.lowrank.weights.TensorSources;

/**
 * Small models of the kinds on which other libraries went wrong, below {@code -Dlowrank.cases=DIR}:
 * the logits of their last position, or a refusal that says what is wrong.
 */
class CasesTest {

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
        return cases("27-head-dim-and-biases", "cases", Cases::inFolder);
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
        return cases("42-safetensors-metadata", "cases", Cases::inFolder);
    }

    /** A tie is a property of two names: whichever is written whole, the other keeps its table. */
    @TestFactory
    Stream<DynamicTest> headsOfATiedModel() {
        return Stream.of("embedding_and_head", "embedding_only", "head_only")
                .map(
                        name ->
                                dynamicTest(
                                        name,
                                        () -> {
                                            var folder = folder("24-head-of-a-tied-model");
                                            var expected = expected(folder);
                                            try (var manager = NDManager.newBaseManager();
                                                    var opened = inFolder(folder, "base")) {
                                                var model = load(opened, manager);
                                                PeftAdapter.load(folder.resolve(name), model);
                                                compare(
                                                        logits(
                                                                model,
                                                                expected.get("prompt_ids").get(0)),
                                                        expected.at(
                                                                "/"
                                                                        + name
                                                                        + "/logits_last_position"),
                                                        1e-5);
                                                assertTrue(
                                                        model.parameters()
                                                                .containsKey(Decoder.HEAD));
                                            }
                                        }));
    }

    /** What is merged has the head that it had with its adapter, also when it is read again. */
    @TestFactory
    Stream<DynamicTest> mergedHeadsOfATiedModel(@TempDir Path temporary) {
        return Stream.of("embedding_and_head", "embedding_only", "head_only")
                .map(name -> dynamicTest(name, () -> merge(name, temporary.resolve(name))));
    }

    private static void merge(String name, Path merged) throws IOException {
        var folder = folder("24-head-of-a-tied-model");
        var expected = expected(folder);
        var wanted = expected.at("/" + name + "/logits_last_position");
        try (var manager = NDManager.newBaseManager();
                var opened = inFolder(folder, "base")) {
            var model = load(opened, manager);
            PeftAdapter.load(folder.resolve(name), model).merge();
            compare(logits(model, expected.get("prompt_ids").get(0)), wanted, 1e-5);
            ModelFolder.write(opened, model, merged);
            try (var again = PretrainedModel.open(merged)) {
                assertFalse(again.config().get("tie_word_embeddings").asBoolean());
                assertTrue(again.weights().names().contains(Decoder.HEAD));
                var second = load(again, manager);
                compare(logits(second, expected.get("prompt_ids").get(0)), wanted, 1e-5);
            }
        }
    }

    @Test
    void everyFileOfAGgufInShardsOpensTheModel() throws IOException {
        var folder = folder("30-gguf-shards");
        var expected = expected(folder);
        for (var name : List.of("", "tiny-00001-of-00003.gguf", "tiny-00002-of-00003.gguf")) {
            try (var manager = NDManager.newBaseManager();
                    var opened = PretrainedModel.open(folder.resolve(name))) {
                assertEquals(expected.get("tensors").asInt(), opened.weights().names().size());
                compare(
                        logits(load(opened, manager), expected.at("/input_ids/0")),
                        expected.get("logits_last_position"),
                        expected.get("tolerance").asDouble());
            }
        }
    }

    /**
     * The window is one number in mask and memory: however a text is split, the logits are equal.
     */
    @Test
    void aTextReadInPartsHasTheLogitsOfOnePass() throws IOException {
        var expected =
                new ObjectMapper()
                        .readTree(folder("28-which-layers-slide").resolve("cache.json").toFile());
        var golden =
                Path.of(System.getProperty("lowrank.golden.hf", "../../shared/golden/hf"))
                        .resolve("mistral");
        assumeTrue(Files.isDirectory(golden), golden + " is not there");
        var ids = ids(expected.at("/input_ids/0"));
        try (var manager = NDManager.newBaseManager();
                var opened = PretrainedModel.open(golden)) {
            var model = load(opened, manager);
            for (int part : new int[] {1, 3, 5, 8, ids.length}) {
                var seen = new HashMap<Integer, float[]>();
                try (var memory = model.memory()) {
                    for (int from = 0; from < ids.length; from += part) {
                        int to = Math.min(ids.length, from + part);
                        var some = manager.create(Arrays.copyOfRange(ids, from, to));
                        var mask = manager.ones(new Shape(1, to), DataType.FLOAT32);
                        var at = new CausalModel.Passage(null, memory);
                        var hidden = model.hidden(some.reshape(1, to - from), mask, at, false);
                        var logits = model.logits(hidden);
                        for (int i = from; i < to; i++) {
                            seen.put(i, logits.get(i - from).toFloatArray());
                        }
                    }
                }
                for (int i = 0; i < expected.get("rows_of_logits_at").size(); i++) {
                    int row = expected.get("rows_of_logits_at").get(i).intValue();
                    compare(seen.get(row), expected.get("logits").get(i), 1e-5);
                }
            }
        }
    }

    @Test
    void aPackedBaseIsRefusedByItsMethodBeforeItsWeights() throws IOException {
        var folder = folder("41-base-in-bitsandbytes-4-bit");
        isRefused(
                Cases::inFolder,
                folder,
                "base",
                "quantization_config",
                "bitsandbytes nf4",
                "float");
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
            var seen = logits(load(opened, manager), ids);
            compare(seen, wanted, expected.path("tolerance").asDouble(1e-5));
        }
    }
}
