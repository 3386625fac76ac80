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
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.lowrank.config.Json;
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
                        .allMatch(c -> c.task().name().startsWith("few_shot/"));
        // a map shows how the score falls over rates; no method is said to be ahead by it
        boolean map = grid.experiment().axes().containsKey("training.learning_rate");
        assertTrue(
                profile.equals("quick")
                        || nothingIsTrained
                        || map
                        || grid.experiment().protocol().seeds().size() >= 3,
                "three seeds");
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
