package org.lowrank.adapter.peft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.adapter.TinyMlp;
import org.lowrank.adapter.kind.AdaLora;
import org.lowrank.adapter.kind.AdaLoraAdapter;
import org.lowrank.adapter.kind.RankAllocator;
import org.lowrank.weights.MalformedFileException;
import org.lowrank.weights.SafetensorsFile;

/** AdaLoRA in PEFT's files, which have one rank and one alpha, and lists of the kept triplets. */
class AdaLoraFilesTest {

    private static final LoraConfig ADALORA =
            LoraConfig.ofRank(3).withLayer(AdaLora.to(2, 2).choice()).withTargetModules("first");

    private NDManager manager;
    private TinyMlp model;
    @TempDir Path folder;

    @BeforeEach
    void setUp() {
        manager = NDManager.newBaseManager();
        model = freshModel();
    }

    @AfterEach
    void tearDown() {
        manager.close();
    }

    private TinyMlp freshModel() {
        return new TinyMlp(manager, 2, 5, 7, 5, 1);
    }

    private float[] output(TinyMlp of) {
        try (var scratch = manager.newSubManager()) {
            var x = scratch.arange(10f).reshape(new Shape(2, 5)).div(10);
            return of.forward(x, false).toFloatArray();
        }
    }

    private static void moveSingularValues(AdapterSet set, float by) {
        for (var adapter : set.adapters().values()) {
            ((AdaLoraAdapter) adapter).singularValues().stopGradient().addi(by);
        }
    }

    private List<Long> shapeInFile(String name) throws IOException {
        try (var file = SafetensorsFile.open(folder.resolve(PeftAdapter.WEIGHTS))) {
            return file.info("base_model.model." + name).shape();
        }
    }

    @Test
    void aTripletThatMovedAfterItsPruningIsSaved() throws IOException {
        float[] adapted;
        try (var set = AdapterSet.inject(model, ADALORA, 3)) {
            moveSingularValues(set, 0.2f);
            var allocator = (RankAllocator) set.stepHook().orElseThrow();
            allocator.afterStep(2);
            assertArrayEquals(
                    new boolean[] {true, false, false}, allocator.kept().get("block.1.first"));
            var moved = (AdaLoraAdapter) set.adapters().get("block.1.first");
            moved.singularValues().stopGradient().addi(manager.create(new float[] {0, 0, 9}));
            adapted = output(model);
            PeftAdapter.save(folder, set);
        }
        assertEquals(List.of(2L, 5L), shapeInFile("block.1.first.lora_A"));
        assertEquals(List.of(2L, 1L), shapeInFile("block.1.first.lora_E"));
        assertEquals(List.of(7L, 2L), shapeInFile("block.1.first.lora_B"));
        var text = Files.readString(folder.resolve(PeftAdapter.CONFIG)).replaceAll("\\s", "");
        assertTrue(text.contains("\"block.1.first.lora_E\":[true,false,true]"), text);
        var fresh = freshModel();
        try (var read = PeftAdapter.load(folder, fresh)) {
            assertEquals(2, read.pairs().size());
            assertArrayEquals(adapted, output(fresh));
        }
    }

    @Test
    void anAlphaOfItsOwnGoesIntoTheSingularValues() throws IOException {
        var config = ADALORA.withPatterns(Map.of(), Map.of("block.0.first", 20.0));
        float[] adapted;
        try (var set = AdapterSet.inject(model, config, 3)) {
            set.stacks().forEach(s -> s.loraA().addi(0.3f));
            set.stacks().forEach(s -> s.loraB().addi(0.5f));
            moveSingularValues(set, 0.2f);
            adapted = output(model);
            PeftAdapter.save(folder, set);
        }
        var fresh = freshModel();
        try (var read = PeftAdapter.load(folder, fresh)) {
            assertEquals(Map.of(), read.config().alphaPattern());
            assertArrayEquals(adapted, output(fresh), 1e-6f);
        }
    }

    @Test
    void alphasByPatternAreNotRead() throws IOException {
        try (var set = AdapterSet.inject(model, ADALORA, 3)) {
            PeftAdapter.save(folder, set);
        }
        var file = folder.resolve(PeftAdapter.CONFIG);
        var text = Files.readString(file);
        Files.writeString(
                file,
                text.replace("\"alpha_pattern\" : { }", "\"alpha_pattern\" : {\"first\": 60}"));
        try (var read = PeftAdapter.load(folder, freshModel())) {
            assertEquals(6 / 3.00001, read.pairs().get(0).scaling(), 1e-12);
        }
    }

    @Test
    void otherRanksAreRefusedBeforeAnythingIsWritten() throws IOException {
        var config = ADALORA.withPatterns(Map.of("block.0.first", 4), Map.of());
        try (var set = AdapterSet.inject(model, config, 3)) {
            var error =
                    assertThrows(
                            IllegalArgumentException.class, () -> PeftAdapter.save(folder, set));
            assertTrue(
                    error.getMessage().contains("block.0.first has rank 4, the others 3"),
                    error.getMessage());
        }
        assertFalse(Files.exists(folder.resolve(PeftAdapter.WEIGHTS)));
    }

    @Test
    void aPatternThatGivesTheSameRankIsSaved() throws IOException {
        var config = ADALORA.withPatterns(Map.of("block.0.first", 3), Map.of());
        try (var set = AdapterSet.inject(model, config, 3)) {
            PeftAdapter.save(folder, set);
        }
        assertEquals(List.of(3L, 5L), shapeInFile("block.0.first.lora_A"));
    }

    @Test
    void aRankThatTheTensorsDoNotHaveIsRefusedWithoutAllocatingIt() throws IOException {
        try (var set = AdapterSet.inject(model, ADALORA, 3)) {
            PeftAdapter.save(folder, set);
        }
        var file = folder.resolve(PeftAdapter.CONFIG);
        var text = Files.readString(file);
        Files.writeString(file, text.replace("\"init_r\" : 3", "\"init_r\" : 2147483647"));
        var refusal =
                assertThrows(
                        MalformedFileException.class, () -> PeftAdapter.load(folder, freshModel()));
        assertTrue(
                refusal.getMessage().contains("has shape [3, 5], not [2147483647, 5]"),
                refusal.getMessage());
    }
}
