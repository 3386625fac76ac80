package org.lowrank.experiment.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.config.Json;
import org.lowrank.engine.Precision;
import org.lowrank.model.PretrainedModel;
import org.lowrank.model.PublishedModels;

/** The specifications that the notebooks run. */
class PublishedTablesTest {

    private static final Path FOLDER = Path.of("../notebooks/tables");

    private static List<Path> files() throws IOException {
        try (var files = Files.list(FOLDER)) {
            return files.filter(f -> f.toString().endsWith(".json")).sorted().toList();
        }
    }

    @TestFactory
    List<DynamicTest> everyProfileOfEveryFileCanBePlanned() throws IOException {
        return files().stream().flatMap(file -> profiles(file).stream()).toList();
    }

    private static List<DynamicTest> profiles(Path file) {
        try {
            var profiles = Json.mapper().readTree(file.toFile()).get("profiles").fieldNames();
            var tests = new java.util.ArrayList<DynamicTest>();
            profiles.forEachRemaining(
                    profile ->
                            tests.add(
                                    DynamicTest.dynamicTest(
                                            file.getFileName() + " " + profile,
                                            () -> planned(file, profile))));
            return tests;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void planned(Path file, String profile) throws IOException {
        var grid = SpecificationReader.read(file, profile);
        assertEquals(file.getFileName().toString(), grid.experiment().name() + ".json");
        assertFalse(grid.cells().isEmpty());
        boolean nothingIsTrained =
                grid.cells().stream()
                        .map(cell -> cell.config(1e-3, 1, RunConfig.Phase.evaluation))
                        .allMatch(c -> c.adapter().layer().equals(LoraConfig.NONE));
        // a map shows how the score falls over rates; no method is said to be ahead by it
        boolean map = grid.experiment().axes().containsKey("training.learning_rate");
        assertTrue(
                profile.equals("quick")
                        || nothingIsTrained
                        || map
                        || grid.experiment().protocol().seeds().size() >= 3,
                "three seeds");
    }

    @TestFactory
    List<DynamicTest> everyTableOfALanguageModelIsForPeopleWithAGpuToo() throws IOException {
        return files().stream()
                .filter(file -> file.getFileName().toString().startsWith("language_model"))
                .map(
                        file ->
                                DynamicTest.dynamicTest(
                                        file.getFileName().toString(), () -> ofThePapers(file)))
                .toList();
    }

    /** On the papers' models, whose base both hold in bfloat16 where nothing is written to it. */
    private static void ofThePapers(Path file) throws IOException {
        var profiles = SpecificationReader.read(file, "").experiment().profiles().keySet();
        assertEquals(Set.of("quick", "cpu", "paper"), profiles);
        for (var cell : SpecificationReader.read(file, "paper").cells()) {
            var config = cell.config(1e-4, 1, RunConfig.Phase.evaluation);
            assertTrue(config.model().startsWith("Llama-"), config.model());
            var adapter = config.adapter();
            boolean written =
                    adapter.layer().equals(LoraConfig.FULL)
                            || adapter.hasPairs() && adapter.start().correctsBase();
            assertEquals(
                    written ? Precision.float32 : Precision.bfloat16,
                    config.precision(),
                    cell.row());
        }
    }

    /** lm-evaluation-harness' five-shot for AltLoRA, no examples for LoRA-Pro. */
    @Test
    void gsm8kIsAskedAsEachPaperDoes() throws IOException {
        assertEquals("five_shot", options("language_model", "GSM8K").get("tested"));
        assertEquals("ALPACA", words("language_model_llama2", "GSM8K"));
        assertEquals("LORA_GA", words("language_model_llama2", "GSM8K, as LoRA-GA asks"));
    }

    private static String words(String table, String column) throws IOException {
        var options = options(table, column);
        assertEquals("AS_TRAINED", options.get("tested"));
        return options.get("prompt").toString().toUpperCase(Locale.ROOT);
    }

    private static Map<String, Object> options(String table, String column) throws IOException {
        return SpecificationReader.read(FOLDER.resolve(table + ".json"), "paper").cells().stream()
                .filter(cell -> cell.task().label().equals(column))
                .findFirst()
                .orElseThrow()
                .config(1e-4, 1, RunConfig.Phase.evaluation)
                .task()
                .options();
    }

    @Test
    void theModelOfThePapersCanBePlannedForAndSaysHowToGetIt() throws IOException {
        var grid = SpecificationReader.read(FOLDER.resolve("glue_text_fixed.json"), "paper");
        var config = grid.cells().get(0).config(1e-4, 0, RunConfig.Phase.evaluation);
        assertEquals("t5-base", config.model());
        assertEquals(32, config.training().batchSize());
        assumeFalse(PublishedModels.isHere(config.model()));
        var error = assertThrows(IOException.class, () -> PretrainedModel.open(config.model()));
        assertTrue(error.getMessage().contains("fetch t5-base"), error.getMessage());
    }

    @Test
    void aProblemOfEveryCellIsSaidOnce() throws IOException {
        var text = Files.readString(FOLDER.resolve("glue_table.json"));
        var typo = text.replace("all-MiniLM-L6-v2", "all-MiniLM");
        var error =
                assertThrows(
                        SpecificationException.class,
                        () -> SpecificationReader.parse(typo, "cpu", "t"));
        assertEquals(1, error.problems().size(), error.getMessage());
        assertTrue(error.getMessage().contains("everywhere: model is \"all-MiniLM\"; allowed"));
    }
}
