package org.lowrank.adapter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lowrank.adapter.kind.AdaLora;

class MergeTest {

    private NDManager manager;
    private TinyMlp model;

    @BeforeEach
    void setUp() {
        manager = NDManager.newBaseManager();
        model = new TinyMlp(manager, 3, 40, 60, 40, 1);
    }

    @AfterEach
    void tearDown() {
        manager.close();
    }

    static Stream<Named<LoraConfig>> kinds() {
        var lora = LoraConfig.ofRank(4);
        return Stream.of(
                Named.of("lora", lora),
                Named.of("rslora", lora.withRslora(true)),
                Named.of("dora", lora.withLayer("dora")),
                Named.of("adalora", lora.withLayer(AdaLora.to(2, 10).choice())),
                Named.of("pissa", lora.withInitialization("pissa")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kinds")
    void aMergedModelGivesTheAdaptersOutputsAndUnmergingRestoresTheBaseBitForBit(
            LoraConfig config) {
        var weights = weights();
        try (var set = AdapterSet.inject(model, config, 3)) {
            disturb(set);
            var frozen = weights();
            var adapted = output();
            var report = set.merge();
            model.linears().values().forEach(layer -> assertNull(layer.adapter()));
            assertArrayEquals(adapted, output(), 1e-5f);
            assertTrue(report.largest() > 0 && report.largest() < 1e-5, report.toString());
            assertEquals(6, report.outputDifference().size());
            assertThrows(IllegalStateException.class, set::merge);
            assertEquals(0, set.unmerge().largest() - report.largest(), 1e-12);
            model.linears().values().forEach(layer -> assertNotNull(layer.adapter()));
            assertArrayEquals(adapted, output());
            assertArrayEquals(frozen, weights());
            assertThrows(IllegalStateException.class, set::unmerge);
            set.merge();
        }
        assertArrayEquals(weights, weights(), "closing a merged set gives the base back");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kinds")
    void aMergedAndUnloadedModelKeepsTheOutputsWithoutAdapters(LoraConfig config) {
        var set = AdapterSet.inject(model, config, 3);
        disturb(set);
        var adapted = output();
        set.mergeAndUnload();
        set.close();
        model.linears().values().forEach(layer -> assertNull(layer.adapter()));
        assertArrayEquals(adapted, output(), 1e-5f);
    }

    private static void disturb(AdapterSet set) {
        set.stacks().forEach(s -> s.loraA().addi(0.01f));
        set.stacks().forEach(s -> s.loraB().addi(0.02f));
        set.adapters()
                .values()
                .forEach(
                        a ->
                                a.extraParameters()
                                        .values()
                                        .forEach(p -> p.stopGradient().addi(0.1f)));
    }

    private float[] output() {
        try (var scratch = manager.newSubManager()) {
            var x = scratch.arange(80f).reshape(new Shape(2, 40)).div(40).sub(1);
            return model.forward(x, false).toFloatArray();
        }
    }

    private float[][] weights() {
        return model.parameters().values().stream()
                .map(p -> p.toFloatArray())
                .toArray(float[][]::new);
    }
}
