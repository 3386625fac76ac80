package org.lowrank.adapter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lowrank.config.Json;

/** Which modules of a decoder of twelve layers a configuration means. */
class TargetPatternsTest {

    private static final Path CASES =
            Path.of(
                    System.getProperty("lowrank.cases", "../../shared/cases"),
                    "40-adapter-patterns");

    /** Patterns that meet nothing, and what the refusal says beside the pattern. */
    private static final Map<String, List<String>> REFUSED =
            Map.of(
                    "matches_nothing", List.of("rank_pattern 'query'", "self_attn.q_proj"),
                    "anchored", List.of("alpha_pattern '^q_proj'", "self_attn.q_proj"),
                    "suffix_of_a_name", List.of("'proj' is not in the model", "self_attn.q_proj"),
                    "regex_part_only", List.of("is not in the model", "self_attn.q_proj"));

    private NDManager manager;
    private Layers model;

    /** The linear maps of a decoder alone. */
    private record Layers(Map<String, AdaptableLinear> linears) implements AdaptableModel {

        static Layers on(NDManager manager) {
            var linears = new LinkedHashMap<String, AdaptableLinear>();
            for (int i = 0; i < 12; i++) {
                for (var name :
                        "self_attn.q self_attn.k self_attn.v self_attn.o mlp.gate mlp.up mlp.down"
                                .split(" ")) {
                    var linear = new AdaptableLinear(8, 8, false);
                    linear.hold(new PlainWeight(manager.ones(new Shape(8, 8))));
                    linears.put("model.layers." + i + "." + name + "_proj", linear);
                }
            }
            return new Layers(linears);
        }

        @Override
        public Map<String, NDArray> parameters() {
            return Map.of();
        }
    }

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager();
        model = Layers.on(manager);
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @TestFactory
    Stream<DynamicTest> asPeftReadsThem() throws IOException {
        if (!Files.isDirectory(CASES)) {
            return Stream.of(
                    dynamicTest("cases", () -> assumeTrue(false, CASES + " is not there")));
        }
        var expected = Json.mapper().readTree(CASES.resolve("expected.json").toFile());
        return expected.get("cases").properties().stream()
                .map(e -> dynamicTest(e.getKey(), () -> check(e.getKey(), e.getValue())));
    }

    private static LoraConfig config(String json) throws IOException {
        ObjectNode fields = (ObjectNode) Json.mapper().readTree(json);
        fields.remove(List.of("peft_type", "task_type"));
        if (fields.has("r")) {
            fields.set("rank", fields.remove("r"));
        }
        return Json.mapper().treeToValue(fields, LoraConfig.class);
    }

    private void check(String name, JsonNode expected) throws IOException {
        try (var own = NDManager.newBaseManager()) {
            model = Layers.on(own);
            var config = config(Files.readString(CASES.resolve(name + ".json")));
            if (REFUSED.containsKey(name)) {
                REFUSED.get(name).forEach(words -> assertRefused(config, words));
                return;
            }
            try (var set = AdapterSet.inject(model, config, 1)) {
                assertEquals(expected.get("modules").asInt(), set.adapters().size());
                for (var group : expected.get("rank_alpha_scaling").properties()) {
                    var values = Json.mapper().readTree(group.getKey());
                    for (var path : paths(group.getValue(), set)) {
                        assertEquals(values.get(0).asInt(), config.rank(path), path);
                        assertEquals(values.get(1).asDouble(), config.loraAlpha(path), path);
                        var scaling = set.adapters().get(path).pair().scaling();
                        assertEquals(values.get(2).asDouble(), scaling, 1e-6, path);
                    }
                }
            }
        }
    }

    private static Iterable<String> paths(JsonNode group, AdapterSet set) {
        return group.isArray()
                ? StreamSupport.stream(group.spliterator(), false).map(JsonNode::asText).toList()
                : set.adapters().keySet();
    }

    private void assertRefused(LoraConfig config, String words) {
        var refusal =
                assertThrows(
                        IllegalArgumentException.class, () -> AdapterSet.inject(model, config, 1));
        assertTrue(refusal.getMessage().contains(words), refusal.getMessage());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
        "layers_to_transform":12                            | 12 is no layer of the target modules
        "layers_to_transform":1,"layers_pattern":"blocks"   | under [blocks]; there are []
        "layers_to_transform":1,"layers_pattern":"("        | is not a regular expression
        "exclude_modules":"query"                           | exclude_modules 'query' is not in the model
        "exclude_modules":"all-linear"                      | leaves no target module
        "target_modules":["q_proj",".*nothing.*"]           | '.*nothing.*' is not in the model
        "target_modules":"(a+)+b"                           | too costly a pattern
        """)
    void whatMeetsNothingIsRefused(String field, String message) throws IOException {
        assertRefused(config("{" + field + "}"), message);
    }

    @Test
    void namesAndExpressionsStandBesideEachOther() throws IOException {
        var config =
                config(
                        """
                        {"rank":2,"target_modules":["k_proj",".*\\\\.[qv]_proj"],
                         "exclude_modules":".*\\\\.1\\\\d?\\\\..*","layers_to_transform":[0,2]}""");
        try (var set = AdapterSet.inject(model, config, 1)) {
            var wanted = new TreeSet<String>();
            for (var layer : List.of(0, 2)) {
                for (var name : List.of("q", "k", "v")) {
                    wanted.add("model.layers." + layer + ".self_attn." + name + "_proj");
                }
            }
            assertEquals(wanted, new TreeSet<>(set.adapters().keySet()));
        }
    }

    @Test
    void aConfigurationWithoutThemIsWrittenAsBefore() throws IOException {
        var line = Json.line(LoraConfig.ofRank(2));
        for (var field : List.of("exclude_modules", "layers_to_transform", "layers_pattern")) {
            assertTrue(!line.contains(field), line);
        }
        var given = config("{\"exclude_modules\":\"k_proj\",\"layers_to_transform\":3}");
        assertEquals(given, Json.mapper().readValue(Json.line(given), LoraConfig.class));
    }
}
