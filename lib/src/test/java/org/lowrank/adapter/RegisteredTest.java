package org.lowrank.adapter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.lowrank.adapter.kind.Lora;
import org.lowrank.config.Choice;
import org.lowrank.config.Json;
import org.lowrank.config.Option;
import org.lowrank.config.Problems;

/** A layer kind and a start of a reader's own, as a notebook's cell would register them. */
class RegisteredTest {

    private static final Option<Double> GAIN =
            Option.number("gain", 2, "above 0", g -> g > 0, "of the low-rank path");

    /** LoRA with another gain: s is multiplied by it. */
    private record Louder(double gain) implements LayerKind {
        @Override
        public LinearAdapter adapter(
                LoraPair pair, AdaptableLinear layer, double dropout, NDManager owner) {
            return new Lora().adapter(pair, layer, dropout, owner);
        }

        @Override
        public double scaling(int rank, double loraAlpha, boolean useRslora) {
            return gain * loraAlpha / rank;
        }
    }

    /** A and B of one value each. */
    private record Filled(float a, float b) implements Initialization {
        @Override
        public Start start(
                String path, AdaptableLinear layer, int rank, double s, StartContext context) {
            var start =
                    new Start(
                            new float[(int) (rank * layer.in())],
                            new float[(int) (layer.out() * rank)]);
            java.util.Arrays.fill(start.loraA(), a);
            java.util.Arrays.fill(start.loraB(), b);
            return start;
        }
    }

    private static void register() {
        LayerKinds.register("louder", "LoRA, louder", List.of(GAIN), o -> new Louder(o.get(GAIN)));
        Initializations.register("filled", "one value", List.of(), o -> new Filled(1, 0.5f));
    }

    @Test
    void bothGoByTheirNamesIntoAModel() {
        register();
        try (var manager = NDManager.newBaseManager();
                var model = new TinyMlp(manager, 1, 3, 4, 2, 1)) {
            var config =
                    LoraConfig.ofRank(2)
                            .withLayer(new Choice("louder", Map.of("gain", 3)))
                            .withInitialization("filled");
            try (var set = AdapterSet.inject(model, config, 1);
                    var delta = delta(set, manager)) {
                // s = 3 · 4 / 2 and BA = 2 · 0.5 · 1 everywhere
                for (double value : delta.toDoubleArray()) {
                    assertEquals(6, value);
                }
            }
        }
    }

    private static NDArray delta(AdapterSet set, NDManager owner) {
        return set.adapters().get("block.0.first").deltaWeight(null, owner);
    }

    @Test
    void aRecordHoldsTheirOptionsAndTheFingerprintOfTheirCode() {
        register();
        var config =
                LoraConfig.ofRank(2)
                        .withLayer(new Choice("louder", Map.of("gain", 3)))
                        .withInitialization("filled")
                        .completed();
        assertEquals(Map.of("gain", 3), config.layerOptions());
        assertEquals(List.of("initialization", "layer"), List.copyOf(config.code().keySet()));
        var tree = Json.mapper().valueToTree(config);
        assertEquals(config, Json.mapper().convertValue(tree, LoraConfig.class));
    }

    @Test
    void whatIsAtItsDefaultIsNotInARecord() {
        register();
        var usual = LoraConfig.ofRank(2).withLayer("louder").completed();
        var given = LoraConfig.ofRank(2).withLayer(new Choice("louder", Map.of("gain", 2.0)));
        assertEquals(usual, given.completed());
        var fields = Json.mapper().valueToTree(LoraConfig.ofRank(2).completed());
        for (var absent : List.of("layer_options", "rank_pattern", "modules_to_save", "code")) {
            assertFalse(fields.has(absent), absent);
        }
    }

    @Test
    void aTableIsToldWhatIsWrong() {
        register();
        var tree = Json.mapper().createObjectNode().put("layer", "louder").put("rank", 0);
        tree.putObject("layer_options").put("gain", -1).put("volume", 2);
        var problems = new Problems("");
        Json.mapper().convertValue(tree, LoraConfig.class).check(problems, "adapter.");
        assertEquals(
                List.of(
                        "adapter.rank is 0; allowed: 1 or more",
                        "adapter.layer_options: gain must be above 0, but it is -1",
                        "adapter.layer_options.volume is not an option of louder; allowed: gain"),
                problems.list());
    }

    @Test
    void adaLorasStepsAreThoseOfTheRunWhereNoneAreGiven() {
        try (var manager = NDManager.newBaseManager();
                var model = new TinyMlp(manager, 1, 3, 4, 2, 1)) {
            var config = LoraConfig.ofRank(2).withLayer("adalora");
            assertEquals(1, config.targetRank());
            assertEquals("adalora", config.initialization());
            try (var set = AdapterSet.inject(model, config, new StartContext(1, 50, null))) {
                assertTrue(set.stepHook().isPresent());
            }
        }
    }

    @Test
    void aPairsStartDependsOnSeedAndPathAlone() {
        var one = StartContext.of(7).random("block.0.first");
        var same = new StartContext(7, 9, null).random("block.0.first");
        assertArrayEquals(one.doubles(4).toArray(), same.doubles(4).toArray());
        // the first number of that source, by SplitMix64 (Steele, Lea and Flood) from the seed
        long state = 7 * 0x9E3779B97F4A7C15L + "block.0.first".hashCode() + 0x9E3779B97F4A7C15L;
        state = (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L;
        state = (state ^ (state >>> 27)) * 0x94D049BB133111EBL;
        assertEquals(state ^ (state >>> 31), StartContext.of(7).random("block.0.first").nextLong());
    }
}
