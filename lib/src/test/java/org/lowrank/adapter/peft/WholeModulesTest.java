package org.lowrank.adapter.peft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.adapter.TinyMlp;
import org.lowrank.weights.MalformedFileException;
import org.lowrank.weights.SafetensorsFile;

/** Modules that are saved whole, and the prefix that an encoder has inside a larger model. */
class WholeModulesTest {

    private NDManager manager;
    @TempDir Path folder;

    @BeforeEach
    void setUp() {
        manager = NDManager.newBaseManager();
    }

    @AfterEach
    void tearDown() {
        manager.close();
    }

    private Headed model(float value) {
        return Headed.on(new TinyMlp(manager, 2, 5, 7, 5, 1), manager, value);
    }

    /** Saves a model whose whole modules are all 0.5. */
    private void save(LoraConfig config, PeftOptions options) throws IOException {
        try (var set = AdapterSet.inject(model(0.5f), config, 3)) {
            set.stacks().forEach(s -> s.loraB().addi(0.05f));
            PeftAdapter.save(folder, set, options);
        }
    }

    private void edit(String part, String other) throws IOException {
        var file = folder.resolve(PeftAdapter.CONFIG);
        var text = Files.readString(file);
        assertTrue(text.contains(part), text);
        Files.writeString(file, text.replace(part, other));
    }

    private static float first(Headed model, String name) {
        return model.others().get(name).toFloatArray()[0];
    }

    private static LoraConfig lora() {
        return LoraConfig.ofRank(2).withTargetModules("first");
    }

    @Test
    void aHeadThatPeftListsForOtherModelsIsPassedOver() throws IOException {
        save(lora(), PeftOptions.NONE.withModulesToSave("classifier"));
        edit("\"classifier\"", "\"classifier\", \"score\", \"classifier\", \"score\"");
        var fresh = model(0);
        try (var read = PeftAdapter.load(folder, fresh)) {
            assertEquals(List.of("classifier"), read.config().modulesToSave());
            assertEquals(0.5f, first(fresh, "classifier.weight"));
            assertEquals(0.5f, first(fresh, "classifier.bias"));
        }
    }

    @Test
    void aModuleThatIsListedButNotInTheFileIsRefused() throws IOException {
        save(lora(), PeftOptions.NONE);
        edit("\"modules_to_save\" : null", "\"modules_to_save\" : [\"classifier\", \"score\"]");
        assertRefused(
                "modules_to_save: lists 'classifier', but adapter_model.safetensors has no"
                        + " classifier.weight");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "classifier",
        "7",
    })
    void modulesThatAreNoListAreRefused(String value) throws IOException {
        save(lora(), PeftOptions.NONE);
        edit("\"modules_to_save\" : null", "\"modules_to_save\" : \"" + value + "\"");
        assertRefused("modules_to_save: must be a list of names, not \"" + value + "\"");
    }

    @Test
    void anArrayOfTheEncoderHasThePrefixAndTheHeadHasNot() throws IOException {
        save(
                lora().withModulesToSave("norm", "classifier"),
                PeftOptions.NONE.withModelPrefix("bert"));
        try (var file = SafetensorsFile.open(folder.resolve(PeftAdapter.WEIGHTS))) {
            var whole = file.names().stream().filter(n -> !n.contains(".lora_")).toList();
            assertEquals(
                    List.of(
                            "base_model.model.bert.block.0.norm.weight",
                            "base_model.model.classifier.bias",
                            "base_model.model.classifier.weight"),
                    whole);
        }
        var fresh = model(0);
        try (var read = PeftAdapter.load(folder, fresh)) {
            assertEquals(List.of("norm", "classifier"), read.config().modulesToSave());
            assertEquals(0.5f, first(fresh, "block.0.norm.weight"));
            assertEquals(0.5f, first(fresh, "classifier.weight"));
        }
    }

    /** PEFT takes every module whose path ends with a name, in the middle of a part too. */
    @Test
    void aNameThatMeansMoreToPeftIsWrittenAsFullPaths() throws IOException {
        var model = model(0.5f);
        model.others().put("block.0.prenorm.weight", model.others().get("block.0.norm.weight"));
        try (var set = AdapterSet.inject(model, lora().withModulesToSave("norm"), 3)) {
            PeftAdapter.save(folder, set, PeftOptions.NONE.withModelPrefix("bert"));
        }
        var text = Files.readString(folder.resolve(PeftAdapter.CONFIG)).replaceAll("\\s", "");
        assertTrue(text.contains("\"modules_to_save\":[\"bert.block.0.norm\"]"), text);
    }

    @Test
    void whatPeftTakesWhateverIsListedIsSavedToo() throws IOException {
        var model = model(0.5f);
        model.others().put("pre_classifier.weight", model.others().get("classifier.weight"));
        try (var set = AdapterSet.inject(model, lora().withModulesToSave("classifier"), 3)) {
            PeftAdapter.save(folder, set, PeftOptions.NONE.withModelPrefix("bert"));
        }
        var text = Files.readString(folder.resolve(PeftAdapter.CONFIG)).replaceAll("\\s", "");
        assertTrue(text.contains("\"modules_to_save\":[\"classifier\"]"), text);
        try (var file = SafetensorsFile.open(folder.resolve(PeftAdapter.WEIGHTS))) {
            assertTrue(file.names().contains("base_model.model.pre_classifier.weight"));
        }
    }

    @Test
    void aHeadOfAnotherNameIsToldByTheOptions() throws IOException {
        save(
                lora().withModulesToSave("norm"),
                PeftOptions.NONE.withModelPrefix("bert").withHeads("block.0.norm"));
        try (var file = SafetensorsFile.open(folder.resolve(PeftAdapter.WEIGHTS))) {
            assertTrue(file.names().contains("base_model.model.block.0.norm.weight"));
        }
    }

    @Test
    void aListedModuleMayHaveThePrefix() throws IOException {
        save(lora().withModulesToSave("norm"), PeftOptions.NONE.withModelPrefix("bert"));
        edit("\"norm\"", "\"bert.block.0.norm\"");
        var fresh = model(0);
        try (var read = PeftAdapter.load(folder, fresh)) {
            assertEquals(List.of("block.0.norm"), read.config().modulesToSave());
            assertEquals(0.5f, first(fresh, "block.0.norm.weight"));
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "bert.block.0.first, 9, 4",
        "^bert.block.0.first, 9, 4",
        "be[r]t.*0.first, 9, 4",
        "block.0.first, 9, 4",
        "first, 9, 9",
        "^block.0.first, 4, 4", // PEFT begins at bert
        "first.block, 4, 4",
    })
    void patternsAreMatchedWithThePathsOfTheFile(String key, double of0, double of1)
            throws IOException {
        save(lora(), PeftOptions.NONE.withModelPrefix("bert"));
        edit("\"alpha_pattern\" : { }", "\"alpha_pattern\" : { \"%s\" : 9 }".formatted(key));
        try (var read = PeftAdapter.load(folder, model(0))) {
            assertEquals(of0 / 2, read.adapters().get("block.0.first").pair().scaling());
            assertEquals(of1 / 2, read.adapters().get("block.1.first").pair().scaling());
        }
    }

    @Test
    void otherRanksAndAlphasAreSavedByThePathsOfTheFile() throws IOException {
        var patterns = lora().withPatterns(Map.of("^block.0.first", 3), Map.of("^block.1.*", 7.0));
        save(patterns, PeftOptions.NONE.withModelPrefix("bert"));
        var text = Files.readString(folder.resolve(PeftAdapter.CONFIG)).replaceAll("\\s", "");
        assertTrue(text.contains("\"rank_pattern\":{\"bert.block.0.first\":3}"), text);
        assertTrue(text.contains("\"alpha_pattern\":{\"bert.block.1.first\":7}"), text);
        try (var set = AdapterSet.inject(model(0), patterns, 3);
                var read = PeftAdapter.load(folder, model(0))) {
            for (var path : List.of("block.0.first", "block.1.first")) {
                var saved = set.adapters().get(path).pair();
                var pair = read.adapters().get(path).pair();
                assertEquals(saved.scaling(), pair.scaling());
                assertArrayEquals(saved.loraA().toFloatArray(), pair.loraA().toFloatArray());
            }
        }
    }

    private void assertRefused(String message) {
        var model = model(0);
        var refusal =
                assertThrows(MalformedFileException.class, () -> PeftAdapter.load(folder, model));
        assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
        model.linears().values().forEach(layer -> assertNull(layer.adapter()));
    }
}
