package org.lowrank.experiment.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lowrank.config.Json;
import org.lowrank.engine.Precision;
import org.lowrank.experiment.run.Spirals;

class SpecificationTest {

    @Test
    void aTableIsTheGridOfItsMethodsAndTasksWithTheFrozenEncoderBefore() {
        var cells = Spirals.grid().cells();
        assertEquals(8, cells.size());
        assertEquals("Frozen encoder", cells.get(0).row());
        assertEquals("AltLoRA", cells.get(7).row());
        assertEquals("large", cells.get(7).task().label());
    }

    @Test
    void axesMultiplyTheRows() {
        var grid =
                Spirals.grid(
                        "\"baseline\"", "\"axes\": {\"adapter.rank\": [1, 2, 3]}, \"baseline\"");
        assertEquals(24, grid.cells().size());
        assertTrue(grid.cells().stream().anyMatch(c -> c.row().equals("LoRA-Pro, rank 2")));
        var frozen =
                grid.cells().stream()
                        .filter(c -> c.row().startsWith("Frozen"))
                        .filter(c -> c.task().label().equals("small"))
                        .map(c -> c.config(0.1, 0, RunConfig.Phase.search).hash())
                        .distinct();
        assertEquals(1, frozen.count(), "a head has no rank, so its runs are one and the same");
    }

    @Test
    void aProfileIsLaidOverTheSpecification() {
        var grid = SpecificationReader.parse(Spirals.table(), "long", "test.json");
        var config = grid.cells().get(0).config(0.1, 0, RunConfig.Phase.search);
        assertEquals(400, config.training().steps());
        assertEquals(16, config.training().batchSize());
    }

    @Test
    void defaultsAreWrittenOutAndSurviveTheirJson() throws IOException {
        var config = Spirals.run("adamw", 40, 3);
        var json = config.toJson();
        assertEquals("cosine", json.at("/training/schedule").asText());
        assertEquals(0.03, json.at("/training/warmup_ratio").asDouble());
        assertEquals(0.02, json.at("/training/head_learning_rate").asDouble());
        var back = Json.mapper().readValue(Json.pretty(config), RunConfig.class);
        assertEquals(config, back);
        assertEquals(config.hash(), back.hash());
    }

    @Test
    void thePrecisionOfEveryRunSoFarIsNoPartOfItsName() throws IOException {
        var config = Spirals.run("adamw", 40, 3);
        assertEquals(Precision.float32, config.precision());
        assertFalse(config.toJson().has("precision"));
        var told = Json.with(config, Map.of("precision", "float32"));
        assertEquals(config.hash(), told.hash());
        var half = Json.with(config, Map.of("precision", "bfloat16"));
        assertNotEquals(config.hash(), half.hash());
        assertEquals(
                half, Json.mapper().readValue(Json.pretty(half), RunConfig.class), "it is kept");
    }

    @Test
    void anyChangeIsAnotherRunAndASpellingIsNot() {
        var hash = Spirals.run("adamw", 40, 3).hash();
        assertNotEquals(hash, Spirals.run("adamw", 41, 3).hash());
        assertNotEquals(hash, Spirals.run("adamw", 40, 4).hash());
        var spelled =
                Spirals.grid("\"lora_alpha\": 6", "\"lora_alpha\": 6.00, \"use_rslora\": false")
                        .cells()
                        .get(2)
                        .config(2e-2, 3, RunConfig.Phase.evaluation);
        assertEquals(hash, spelled.hash());
    }

    @ParameterizedTest(name = "{2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"rank\": 3 | \"rnk\": 3 | base.adapter.rnk is not a known field; allowed here:"
                        + " alpha_pattern",
                "\"rank\": 3 | \"rank\": \"many\" | base.adapter.rank must be a whole number, not"
                        + " \"many\"",
                "\"rank\": 3 | \"rank\": \"3\" | base.adapter.rank must be a whole number, not",
                "\"rank\": 3 | \"rank\": 2.5 | base.adapter.rank must be a whole number",
                "\"rank\": 3 | \"rank\": 0 | adapter.rank is 0; allowed: 1 or more",
                "\"steps\": 40 | \"steps\": 40, \"epochs\": 2 | needs either steps or epochs above"
                        + " 0",
                "\"batch_size\": 16 | \"schedule\": \"cubic\" | training.schedule is \"cubic\";"
                        + " allowed: cosine, linear, constant",
                "spiral/large | spiral/huge | task.name is \"spiral/huge\"; allowed: ",
                "{\"rank\": 3, \"lora_alpha\": 6}, | {\"layer\": \"full\"}, \"precision\": \"bfloat16\", |"
                        + " precision is bfloat16, and layer full trains the base itself",
                "{\"rank\": 3, \"lora_alpha\": 6}, | {\"initialization\": \"pissa\"}, \"precision\":"
                        + " \"as_stored\", | precision is as_stored, and adapter.initialization pissa"
                        + " writes what is left of the base back to it",
                "\"model\": \"mlp\" | \"model\": \"mlp\", \"precision\": \"fp16\" | base.precision"
                        + " is \"fp16\"; allowed: float32, float16, bfloat16, as_stored",
                "\"altlora\" | \"altlore\" | optimizer.name is \"altlore\"; allowed: sgd, adamw,"
                        + " lora_plus",
                "\"model\": \"mlp\" | \"model\": \"mpl\" | model is \"mpl\"; allowed: mlp",
                "\"baseline\": \"LoRA\" | \"baseline\": \"lora\" | baseline is \"lora\"; allowed:"
                        + " Frozen encoder, LoRA, LoRA-Pro, AltLoRA",
                "\"protocol\": { | \"protocol\": {\"kind\": \"lucky\", | protocol.kind is"
                        + " \"lucky\"; allowed: tuned, fixed",
                "[0.005, 0.02] | [0.005] | protocol.learning_rates has 1 rates; allowed: 2 or more",
                "\"label\": \"LoRA-Pro\" | \"learning_rates\": [0.1], \"label\": \"LoRA-Pro\" |"
                        + " methods[1].learning_rates has 1 different rates; allowed: 2, as many as",
                "\"label\": \"large\" | \"learning_rates\": [0.1, 1], \"label\": \"large\" |"
                        + " tasks[1].learning_rates is given; only the protocol and methods",
                "\"seeds\": [1, 2] | \"seeds\": [0, 0] | protocol.seeds holds a value twice",
                "\"seeds\": [1, 2] | \"seeds\": [1], \"search_train_rows\": -1 |"
                        + " protocol.search_train_rows is -1; allowed: 0 or more",
                "\"seeds\": [1, 2] | \"seeds\": [0, 1] | protocol.seeds holds seeds that choose the"
                        + " rate (protocol.search_seeds): [0]",
                "\"label\": \"LoRA-Pro\" | \"label\": \"LoRA\" | methods[1].label is \"LoRA\" for a"
                        + " second time",
                "\"label\": \"LoRA-Pro\" | \"label\": \"lora \" | \"LoRA\" differs from it by capitals or blanks",
                "\"name\": \"spirals\" | \"name\": \"a b\" | name is \"a b\"; allowed: letters",
                "\"seeds\": | \"seeds\": [7], \"seeds\": | Duplicate field",
                "\"baseline\": | \"baseline\" | line 22",
            })
    void whatIsWrongIsNamedWithItsPathAndWhatIsAllowed(String old, String now, String problem) {
        var error =
                assertThrows(
                        SpecificationException.class, () -> Spirals.grid(old.strip(), now.strip()));
        assertTrue(error.getMessage().startsWith("test.json:"), error.getMessage());
        assertTrue(error.getMessage().contains(problem.strip()), error.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "glue/cola, 2, 3",
        "glue/cola, 0, 3",
        "trec, 2, 3",
        "languagetool/acceptability, 2, 3",
        "glue/mrpc, 4, 5",
        "glue/sts-b, 4, 5"
    })
    void aLengthWithoutRoomForASentenceIsRefusedByTask(String task, int length, int least) {
        var error = assertThrows(SpecificationException.class, () -> sentences(task, length));
        var problem = "task.max_length is " + length + "; allowed for " + task + ": " + least;
        assertTrue(error.getMessage().contains(problem), error.getMessage());
        assertEquals(2, sentences(task, least).cells().size(), "and the frozen encoder");
    }

    private static Grid sentences(String task, int length) {
        return SpecificationReader.parse(
                """
                {
                  "name": "short",
                  "base": {"model": "all-MiniLM-L6-v2", "training": {"steps": 4},
                           "task": {"name": "%s", "max_length": %d}},
                  "tasks": [{"label": "task"}],
                  "methods": [{"label": "LoRA"}],
                  "protocol": {"kind": "fixed", "learning_rates": [0.02], "seeds": [0]}
                }
                """
                        .formatted(task, length),
                "",
                "test.json");
    }

    @Test
    void aWrongFieldOfAMethodIsNamedByTheMethodsPlace() {
        var error =
                assertThrows(
                        SpecificationException.class,
                        () ->
                                Spirals.grid(
                                        "{\"optimizer\": {\"name\": \"lora_pro\"}}",
                                        "{\"optimiser\": {\"name\": \"lora_pro\"}}"));
        assertTrue(
                error.getMessage().contains("methods[1].with.optimiser is not a known field"),
                error.getMessage());
    }

    @Test
    void anUnknownProfileIsRefusedWithThoseThereAre() {
        var error =
                assertThrows(
                        SpecificationException.class,
                        () -> SpecificationReader.parse(Spirals.table(), "quick", "test.json"));
        assertTrue(error.getMessage().contains("no \"quick\"; it has: long"), error.getMessage());
        var none = Spirals.table().replaceAll(",\\s*\"profiles\".*\\n", "\n");
        var without =
                assertThrows(
                        SpecificationException.class,
                        () -> SpecificationReader.parse(none, "quick", "test.json"));
        assertTrue(without.getMessage().contains("leave the profile out"), without.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"0.0005, 5e-4", "0.0015, 1.5e-3", "2e-2, 0.02", "1, 1", "1.7782794e-4, 1.778e-4"})
    void aRateIsWrittenAsPeopleWriteIt(double rate, String text) {
        assertEquals(text, Rates.text(rate));
    }
}
