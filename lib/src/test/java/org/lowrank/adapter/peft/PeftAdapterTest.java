package org.lowrank.adapter.peft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.Initialization;
import org.lowrank.adapter.Initializations;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.adapter.StartContext;
import org.lowrank.adapter.TinyMlp;
import org.lowrank.adapter.kind.AdaLora;
import org.lowrank.adapter.kind.RankAllocator;
import org.lowrank.weights.SafetensorsFile;

class PeftAdapterTest {

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
        return new TinyMlp(manager, 3, 5, 7, 5, 1);
    }

    private float[] output(TinyMlp of) {
        try (var scratch = manager.newSubManager()) {
            var x = scratch.arange(10f).reshape(new Shape(2, 5)).div(10);
            return of.forward(x, false).toFloatArray();
        }
    }

    /** Moves everything that is trained away from its start. */
    private static void disturb(AdapterSet set) {
        set.stacks().forEach(s -> s.loraA().addi(0.03f));
        set.stacks().forEach(s -> s.loraB().addi(0.05f));
        set.adapters()
                .values()
                .forEach(
                        a ->
                                a.extraParameters()
                                        .values()
                                        .forEach(p -> p.stopGradient().addi(0.2f)));
        set.modulesToSave().values().forEach(p -> p.muli(1.1f));
    }

    static Stream<Named<LoraConfig>> configurations() {
        Initializations.register("moved", "as PiSSA does", List.of(), options -> new Moved());
        var lora = LoraConfig.ofRank(2);
        return Stream.of(
                Named.of("lora", lora),
                Named.of("rslora", lora.withRslora(true).withLoraAlpha(3.5)),
                Named.of("dora", lora.withLayer("dora")),
                Named.of("adalora", LoraConfig.ofRank(3).withLayer(AdaLora.to(2, 10).choice())),
                Named.of(
                        "patterns",
                        lora.withPatterns(
                                Map.of("block.0.*first", 4), Map.of("block.1.second", 9.0))),
                Named.of(
                        "one module and a whole one",
                        lora.withTargetModules("block.0.first", "block.1.second")
                                .withModulesToSave("block.2")),
                Named.of("changed base", lora.withInitialization("moved")),
                Named.of("changed base, rslora", lora.withInitialization("moved").withRslora(true)),
                Named.of("changed base, dora", lora.withInitialization("moved").withLayer("dora")),
                Named.of(
                        "changed base, 2r above min(out, in)",
                        LoraConfig.ofRank(4).withInitialization("moved")),
                Named.of(
                        "changed base, patterns",
                        lora.withInitialization("moved")
                                .withPatterns(Map.of("first", 3), Map.of("block.1.second", 9.0))));
    }

    /** A start that, as PiSSA does, moves something from W0 into BA. */
    private static final class Moved implements Initialization {
        @Override
        public Start start(
                String path, AdaptableLinear layer, int rank, double scaling, StartContext run) {
            var r = run.random(path);
            var a = new float[(int) (rank * layer.in())];
            var b = new float[(int) (layer.out() * rank)];
            for (var factor : List.of(a, b)) {
                for (int i = 0; i < factor.length; i++) {
                    factor[i] = (float) r.nextDouble(-0.3, 0.3);
                }
            }
            return new Start(a, b);
        }

        @Override
        public boolean correctsBase() {
            return true;
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("configurations")
    void aSavedAdapterGivesTheSameOutputsOnAFreshBase(LoraConfig config) throws IOException {
        var base = output(model);
        float[] adapted;
        try (var set = AdapterSet.inject(model, config, 3)) {
            assertArrayEquals(base, output(model), 1e-6f);
            disturb(set);
            adapted = output(model);
            assertFalse(Arrays.equals(base, adapted));
            PeftAdapter.save(folder, set);
        }
        var fresh = freshModel();
        try (var read = PeftAdapter.load(folder, fresh)) {
            boolean sameArithmetic = !config.start().correctsBase();
            assertArrayEquals(adapted, output(fresh), sameArithmetic ? 0 : 2e-6f);
            PeftAdapter.save(
                    folder.resolve("again"), read, config.modulesToSave().toArray(String[]::new));
        }
        assertArrayEquals(
                Files.readAllBytes(folder.resolve(PeftAdapter.WEIGHTS)),
                Files.readAllBytes(folder.resolve("again").resolve(PeftAdapter.WEIGHTS)),
                "read and written again");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("configurations")
    void savingLeavesNoArrayBehind(LoraConfig config) throws IOException {
        try (var set = AdapterSet.inject(model, config, 3)) {
            var owner = (BaseNDManager) set.pairs().get(0).loraA().getManager();
            int before = owner.getManagedArrays().size();
            PeftAdapter.save(folder, set);
            assertEquals(before, owner.getManagedArrays().size());
        }
    }

    @Test
    void aPrunedSetIsSavedByTheTripletsItKeptAndGivesTheSameOutputs() throws IOException {
        var config =
                LoraConfig.ofRank(3)
                        .withLayer(AdaLora.to(2, 2).choice())
                        .withTargetModules("first");
        float[] adapted;
        try (var set = AdapterSet.inject(model, config, 3)) {
            disturb(set);
            var allocator = (RankAllocator) set.stepHook().orElseThrow();
            allocator.afterStep(2);
            int kept = 0;
            for (var flags : allocator.kept().values()) {
                for (var flag : flags) {
                    kept += flag ? 1 : 0;
                }
            }
            assertEquals(2 * set.pairs().size(), kept);
            assertArrayEquals(new boolean[3], allocator.kept().get("block.2.first"), "keeps none");
            adapted = output(model);
            var owner = (BaseNDManager) set.pairs().get(0).loraA().getManager();
            int before = owner.getManagedArrays().size();
            PeftAdapter.save(folder, set);
            assertEquals(before, owner.getManagedArrays().size());
        }
        var fresh = freshModel();
        try (var read = PeftAdapter.load(folder, fresh)) {
            assertEquals(3, read.pairs().size());
            assertArrayEquals(adapted, output(fresh));
        }
    }

    @Test
    void theFilesHavePeftsNamesAndFields() throws IOException {
        var config =
                LoraConfig.ofRank(2)
                        .withLayer("dora")
                        .withTargetModules("block.0.first")
                        .withModulesToSave("block.2.second");
        try (var set = AdapterSet.inject(model, config, 3)) {
            var options = PeftOptions.NONE.withModelPrefix("bert").withBaseModel("tiny", "SEQ_CLS");
            PeftAdapter.save(folder, set, options);
        }
        try (var file = SafetensorsFile.open(folder.resolve("adapter_model.safetensors"))) {
            assertEquals(
                    List.of(
                            "base_model.model.bert.block.0.first.lora_A.weight",
                            "base_model.model.bert.block.0.first.lora_B.weight",
                            "base_model.model.bert.block.0.first.lora_magnitude_vector",
                            "base_model.model.bert.block.2.second.bias",
                            "base_model.model.bert.block.2.second.weight"),
                    List.copyOf(file.names()));
            assertEquals(Map.of("format", "pt"), file.metadata());
        }
        assertEquals(
                """
                {
                  "alpha_pattern" : { },
                  "auto_mapping" : null,
                  "base_model_name_or_path" : "tiny",
                  "bias" : "none",
                  "fan_in_fan_out" : false,
                  "inference_mode" : true,
                  "init_lora_weights" : true,
                  "layers_pattern" : null,
                  "layers_to_transform" : null,
                  "loftq_config" : { },
                  "lora_alpha" : 4,
                  "lora_dropout" : 0.0,
                  "megatron_config" : null,
                  "megatron_core" : "megatron.core",
                  "modules_to_save" : [
                    "block.2.second"
                  ],
                  "peft_type" : "LORA",
                  "r" : 2,
                  "rank_pattern" : { },
                  "revision" : null,
                  "target_modules" : [
                    "block.0.first"
                  ],
                  "task_type" : "SEQ_CLS",
                  "use_dora" : true,
                  "use_rslora" : false
                }
                """,
                Files.readString(folder.resolve("adapter_config.json")));
        try (var read = PeftAdapter.load(folder, freshModel())) {
            assertEquals("block.0.first", read.pairs().get(0).path());
        }
    }

    @Test
    void biasesThatWereTrainedWithThePairsAreReadAndSavedAgain() throws IOException {
        var config = LoraConfig.ofRank(2).withTargetModules("first");
        for (var biases : Map.of("lora_only", "first.bias", "all", "bias").entrySet()) {
            float[] adapted;
            try (var set =
                    AdapterSet.inject(model, config.withModulesToSave(biases.getValue()), 3)) {
                disturb(set);
                adapted = output(model);
                PeftAdapter.save(folder, set);
            }
            var text = Files.readString(folder.resolve(PeftAdapter.CONFIG));
            assertTrue(text.contains("\"bias\" : \"" + biases.getKey() + "\""), text);
            assertTrue(text.contains("\"modules_to_save\" : null"), text);
            try (var file = SafetensorsFile.open(folder.resolve(PeftAdapter.WEIGHTS))) {
                assertTrue(file.names().contains("base_model.model.block.0.first.base_layer.bias"));
            }
            var before = Files.readAllBytes(folder.resolve(PeftAdapter.WEIGHTS));
            var fresh = freshModel();
            try (var read = PeftAdapter.load(folder, fresh)) {
                assertArrayEquals(adapted, output(fresh));
                PeftAdapter.save(folder, read);
            }
            assertArrayEquals(before, Files.readAllBytes(folder.resolve(PeftAdapter.WEIGHTS)));
            model = freshModel();
        }
    }

    @Test
    void aSingleArrayThatIsNoBiasIsNotSaved() {
        var config =
                LoraConfig.ofRank(2)
                        .withTargetModules("first")
                        .withModulesToSave("block.0.second.weight");
        try (var set = AdapterSet.inject(model, config, 3)) {
            var refusal =
                    assertThrows(
                            IllegalArgumentException.class, () -> PeftAdapter.save(folder, set));
            assertTrue(refusal.getMessage().contains("name its module"), refusal.getMessage());
        }
    }
}
