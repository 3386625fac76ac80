package org.lowrank.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.adapter.PackedWeight;
import org.lowrank.adapter.peft.PeftAdapter;
import org.lowrank.adapter.peft.PeftOptions;
import org.lowrank.engine.Arrays;
import org.lowrank.engine.Precision;
import org.lowrank.engine.Tape;
import org.lowrank.model.block.CausalModel;
import org.lowrank.model.block.Network;
import org.lowrank.model.block.TextEncoder;
import org.lowrank.text.TokenBatch;

/** A base in few bits computes what the same numbers in float32 compute, gradients too. */
class PackedBaseTest {

    private static final Path GOLDEN =
            Path.of(System.getProperty("lowrank.golden.hf", "../../shared/golden/hf"));

    private static final int WORDS = 30;
    @TempDir private Path folder;
    private NDManager manager;

    @BeforeEach
    void setUp() {
        manager = NDManager.newBaseManager();
    }

    @AfterEach
    void tearDown() {
        manager.close();
    }

    private Network load(Path path, Precision precision) throws IOException {
        try (var opened = PretrainedModel.open(path)) {
            var options = LoadOptions.PLAIN.withPrecision(precision);
            return opened.can(CausalModel.class)
                    ? opened.load(CausalModel.class, options, manager)
                    : opened.load(TextEncoder.class, options, manager);
        }
    }

    /** The same numbers in float32. */
    private Network twin(Path path, Network packed) throws IOException {
        var twin = load(path, Precision.float32);
        packed.linears()
                .forEach(
                        (name, linear) -> {
                            try (var dense = linear.weight().dense(manager, DataType.FLOAT32)) {
                                twin.linears().get(name).weight().replace(dense);
                            }
                        });
        return twin;
    }

    private static TokenBatch batch(NDManager step) {
        var random = new Random(2);
        var ids = random.longs(14, 3, WORDS).toArray();
        var mask = step.ones(new Shape(2, 7), DataType.FLOAT32);
        return new TokenBatch(step.create(ids, new Shape(2, 7)), mask);
    }

    private static NDArray output(Network network, NDManager step) {
        var batch = batch(step);
        boolean training = Arrays.graphIsRecorded();
        if (network instanceof CausalModel decoder) {
            var places = step.create(new long[] {0, 3, 6, 9, 13});
            return decoder.logits(batch, places, training);
        }
        return ((TextEncoder) network).hidden(batch, training);
    }

    private static float[] output(Network network, NDManager step, Consumer<NDArray> backward) {
        var output = output(network, step);
        var values = output.toFloatArray();
        backward.accept(loss(output, step));
        return values;
    }

    private static NDArray loss(NDArray output, NDManager step) {
        var random = new Random(4);
        var weights = new float[Math.toIntExact(output.size())];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) random.nextGaussian();
        }
        return output.mul(step.create(weights, output.getShape())).mean();
    }

    /** The output, then the gradients of all factors. */
    private static List<float[]> pass(Network network, LoraConfig config) {
        var seen = new ArrayList<float[]>();
        try (var set = AdapterSet.inject(network, config, 3)) {
            set.stacks().forEach(s -> s.loraB().addi(0.05f));
            try (var step = network.manager().newSubManager();
                    var tape = Tape.recording()) {
                seen.add(output(network, step, tape::backward));
            }
            try (var step = network.manager().newSubManager()) {
                set.gradients(step).forEach(g -> seen.add(g.gradA().toFloatArray()));
                set.gradients(step).forEach(g -> seen.add(g.gradB().toFloatArray()));
            }
        }
        return seen;
    }

    private static void assertSame(List<float[]> expected, List<float[]> seen) {
        assertArrayEquals(expected.get(0), seen.get(0), "outputs are equal to the bit");
        float all = 0;
        for (int i = 1; i < expected.size(); i++) {
            all = Math.max(all, largest(expected.get(i)));
        }
        for (int i = 1; i < expected.size(); i++) {
            // what is 0 but for rounding is compared with the others
            float scale = Math.max(largest(expected.get(i)), 5e-2f * all);
            assertArrayEquals(expected.get(i), seen.get(i), 2e-6f * scale);
        }
    }

    private static float largest(float[] values) {
        float largest = 0;
        for (float value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }

    @ParameterizedTest(name = "{0} in {1}")
    @CsvSource({
        "llama3, bfloat16", "llama3, float16", "gemma, bfloat16", "qwen2_bf16, as_stored",
        "llama2_f16, as_stored", "gpt2, bfloat16", "bert, bfloat16", "qwen3, bfloat16",
    })
    void aPublishedFormComputesWhatTheSameNumbersInFloat32Do(String name, Precision precision)
            throws IOException {
        var path = GOLDEN.resolve(name);
        assumeTrue(Files.isDirectory(path), path.toAbsolutePath() + " is not there");
        var packed = load(path, precision);
        var linears = packed.linears().values();
        assertTrue(linears.stream().allMatch(l -> l.weight() instanceof PackedWeight));
        var config = LoraConfig.ofRank(2).withTargetModules("all-linear");
        var expected = pass(twin(path, packed), config);
        var seen = pass(packed, config);
        assertSame(expected, seen);
        if (List.of("llama3", "llama2_f16", "qwen2_bf16", "bert").contains(name)) {
            for (int i = 0; i < expected.size(); i++) { // layers that are one program
                assertArrayEquals(expected.get(i), seen.get(i), "array " + i);
            }
        }
    }

    @Test
    void blocksAsTheyLieComputeWhatTheirNumbersInFloat32Do() throws IOException {
        var file = QuantizedLlama.write(folder);
        var packed = load(file, Precision.as_stored);
        assertInstanceOf(
                PackedWeight.class, packed.linears().get("model.layers.1.mlp.down_proj").weight());
        var plain = load(file, Precision.float32);
        var lora = LoraConfig.ofRank(4).withTargetModules("all-linear");
        assertSame(pass(plain, lora), pass(packed, lora));
        assertSame(pass(plain, lora.withLayer("dora")), pass(packed, lora.withLayer("dora")));
        var few = LoraConfig.ofRank(4).withTargetModules("v_proj", "up_proj");
        assertSame(pass(plain, few), pass(packed, few));
        assertEquals(plain.parameterCount(), packed.parameterCount());
    }

    @Test
    void theGraphOfOneLayerAtATimeHasTheSameGradients() throws IOException {
        var packed = load(QuantizedLlama.write(folder), Precision.as_stored);
        var lora = LoraConfig.ofRank(2);
        assertSame(byLayer(packed, lora, false), byLayer(packed, lora, true));
    }

    private static List<float[]> byLayer(Network network, LoraConfig config, boolean byLayer) {
        var decoder = (CausalModel) network;
        var seen = new ArrayList<float[]>();
        try (var set = AdapterSet.inject(network, config, 3)) {
            set.stacks().forEach(s -> s.loraB().addi(0.05f));
            try (var step = network.manager().newSubManager()) {
                var batch = batch(step);
                NDArray loss;
                if (byLayer) {
                    loss = decoder.backwardByLayer(batch, 1, h -> loss(decoder.logits(h), step));
                } else {
                    try (var tape = Tape.recording()) {
                        var hidden =
                                decoder.hidden(
                                        batch.ids(), batch.mask(), CausalModel.Passage.WHOLE, true);
                        loss = loss(decoder.logits(hidden), step);
                        tape.backward(loss);
                    }
                }
                seen.add(loss.toFloatArray());
                set.gradients(step).forEach(g -> seen.add(g.gradA().toFloatArray()));
                set.gradients(step).forEach(g -> seen.add(g.gradB().toFloatArray()));
            }
        }
        return seen;
    }

    @Test
    void whatTheEngineAloneWouldGetWrongIsRefused() throws IOException {
        var packed = load(QuantizedLlama.write(folder), Precision.as_stored);
        try (var set = AdapterSet.inject(packed, LoraConfig.ofRank(2), 3);
                var step = manager.newSubManager();
                var collector = Engine.getInstance().newGradientCollector()) {
            assertEquals(14, set.pairs().size());
            collector.zeroGradients();
            var refusal = assertThrows(IllegalStateException.class, () -> output(packed, step));
            assertTrue(refusal.getMessage().contains("Tape.recording()"), refusal.getMessage());
        }
    }

    @Test
    void anAdapterTrainedOnFewBitsIsReadOnThem() throws IOException {
        var file = QuantizedLlama.write(folder);
        var packed = load(file, Precision.as_stored);
        var config = LoraConfig.ofRank(2).withTargetModules("q_proj", "embed_tokens");
        var out = folder.resolve("adapter");
        float[] trained;
        try (var set = AdapterSet.inject(packed, config, 3);
                var step = manager.newSubManager()) {
            set.stacks().forEach(s -> s.loraB().addi(0.05f));
            trained = output(packed, step).toFloatArray();
            PeftAdapter.save(out, set, PeftOptions.NONE);
        }
        for (var precision : List.of(Precision.as_stored, Precision.float32)) {
            var network = load(file, precision);
            try (var set = PeftAdapter.load(out, network);
                    var step = manager.newSubManager()) {
                assertEquals(3, set.pairs().size());
                assertArrayEquals(trained, output(network, step).toFloatArray());
            }
        }
    }
}
