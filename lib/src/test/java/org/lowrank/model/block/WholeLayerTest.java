package org.lowrank.model.block;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.lowrank.engine.NormalArrays.normal;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.config.Choice;
import org.lowrank.engine.Tape;
import org.lowrank.model.Bert;
import org.lowrank.model.BertConfig;
import org.lowrank.model.LoadOptions;
import org.lowrank.model.PretrainedModel;
import org.lowrank.rule.Factors;
import org.lowrank.text.TokenBatch;

/** A layer as one program computes what autograd does, which a plain collector records. */
class WholeLayerTest {

    private static final Path GOLDEN =
            Path.of(System.getProperty("lowrank.golden.hf", "../../shared/golden/hf"));
    private static final int WORDS = 30;

    private NDManager manager;

    @BeforeEach
    void setUp() {
        manager = NDManager.newBaseManager();
    }

    @AfterEach
    void tearDown() {
        manager.close();
    }

    private Network load(String name) throws IOException {
        var path = GOLDEN.resolve(name);
        assumeTrue(Files.isDirectory(path), path.toAbsolutePath() + " is not there");
        try (var opened = PretrainedModel.open(path)) {
            for (var kind : List.of(CausalModel.class, TextEncoder.class, ImageEncoder.class)) {
                if (opened.can(kind)) {
                    return opened.load(kind, LoadOptions.PLAIN, manager);
                }
            }
            throw new AssertionError(name);
        }
    }

    private static NDArray output(Network network, NDManager step) {
        var random = new Random(2);
        if (network instanceof ImageEncoder encoder) {
            return encoder.features(pixels(encoder, step), true);
        }
        var batch = words(random, step);
        if (network instanceof CausalModel decoder) {
            return decoder.logits(batch, step.create(new long[] {0, 3, 6, 9, 11}), true);
        }
        return ((TextEncoder) network).hidden(batch, true);
    }

    private static TokenBatch words(Random random, NDManager step) {
        var ids = random.longs(14, 3, WORDS).toArray();
        var present = new float[14];
        Arrays.fill(present, 0, 12, 1);
        return new TokenBatch(
                step.create(ids, new Shape(2, 7)), step.create(present, new Shape(2, 7)));
    }

    /** The output, then the gradients of all factors that are differentiated. */
    private static List<float[]> pass(
            Network network, LoraConfig config, boolean onTape, boolean ofA, boolean ofB) {
        return pass(network, config, onTape, ofA, ofB, step -> output(network, step));
    }

    private static List<float[]> pass(
            Network network,
            LoraConfig config,
            boolean onTape,
            boolean ofA,
            boolean ofB,
            Function<NDManager, NDArray> output) {
        var seen = new ArrayList<float[]>();
        try (var set = AdapterSet.inject(network, config, 3);
                var step = network.manager().newSubManager()) {
            var random = new Random(5);
            set.stacks().forEach(s -> s.loraB().addi(normal(step, random, s.loraB().getShape())));
            set.requireGradients(ofA, ofB);
            if (onTape) {
                try (var tape = Tape.recording()) {
                    seen.add(forwardAndBack(output.apply(step), step, tape::backward));
                }
            } else {
                try (var collector = Engine.getInstance().newGradientCollector()) {
                    seen.add(forwardAndBack(output.apply(step), step, collector::backward));
                }
            }
            for (var gradient : set.gradients(step)) {
                if (ofA) {
                    seen.add(gradient.gradA().toFloatArray());
                }
                if (ofB) {
                    seen.add(gradient.gradB().toFloatArray());
                }
            }
        }
        return seen;
    }

    private static float[] forwardAndBack(
            NDArray output, NDManager step, Consumer<NDArray> backward) {
        var values = output.toFloatArray();
        backward.accept(output.mul(normal(step, new Random(4), output.getShape())).sum());
        return values;
    }

    private static void assertNear(List<float[]> expected, List<float[]> seen) {
        assertEquals(expected.size(), seen.size());
        for (int i = 0; i < expected.size(); i++) {
            float largest = 0;
            for (float value : expected.get(i)) {
                largest = Math.max(largest, Math.abs(value));
            }
            assertTrue(largest > 0, "array " + i + " is 0");
            assertArrayEquals(expected.get(i), seen.get(i), 2e-5f * largest, "array " + i);
        }
    }

    /** Another order of sums: what is equal to the bit was computed by autograd as well. */
    private static boolean equal(List<float[]> some, List<float[]> others) {
        return IntStream.range(0, some.size())
                .allMatch(i -> Arrays.equals(some.get(i), others.get(i)));
    }

    private static void assertWhole(Network network, LoraConfig config) {
        for (var read : List.of(Factors.BOTH, Factors.A, Factors.B)) {
            var expected = pass(network, config, false, read.includeA(), read.includeB());
            var seen = pass(network, config, true, read.includeA(), read.includeB());
            assertNear(expected, seen);
            assertFalse(equal(expected, seen), "the form by autograd was taken");
            assertTrue(equal(seen, pass(network, config, true, read.includeA(), read.includeB())));
        }
    }

    private static void assertByAutograd(Network network, LoraConfig config) {
        assertTrue(
                equal(
                        pass(network, config, false, true, true),
                        pass(network, config, true, true, true)));
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"bert", "roberta", "distilbert", "llama3", "mistral", "qwen2", "vit"})
    void itHasTheGradientsOfAutograd(String name) throws IOException {
        var network = load(name);
        assertWhole(network, LoraConfig.ofRank(2).withTargetModules("all-linear"));
        var maps = network.linears().keySet();
        var some = maps.stream().skip(maps.size() / 2).limit(3).toArray(String[]::new);
        assertWhole(network, LoraConfig.ofRank(3).withTargetModules(some));
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"bert", "roberta", "distilbert"})
    void theFirstTokensAloneHaveTheGradientsThatTheyHaveAmongAll(String name) throws IOException {
        assertFirst((TextEncoder) load(name));
    }

    @Test
    void theFirstTokensAloneOfOneLayer() {
        var config = new BertConfig(WORDS, 16, 2, 8, 16, 2, 1, 0, BertConfig.Variant.BERT);
        assertFirst(Bert.random(config, 1, manager));
    }

    /** With adapters everywhere, and in the last layer alone, whose input is not differentiated. */
    private static void assertFirst(TextEncoder encoder) {
        Function<NDManager, NDArray> amongAll =
                step -> {
                    var hidden = encoder.hidden(words(new Random(2), step), true);
                    return hidden.get(new NDIndex(":, 0"));
                };
        Function<NDManager, NDArray> alone =
                step -> encoder.first(words(new Random(2), step), true);
        var maps = List.copyOf(encoder.linears().keySet());
        int last = maps.size() - 6; // query, key, value, output, up, down
        for (var targets :
                List.of(
                        List.of("all-linear"),
                        maps.subList(last, last + 1),
                        maps.subList(last + 1, last + 3),
                        maps.subList(last + 4, last + 6))) {
            var config = LoraConfig.ofRank(2).withTargetModules(targets.toArray(String[]::new));
            for (var read : List.of(Factors.BOTH, Factors.A, Factors.B)) {
                boolean a = read.includeA();
                boolean b = read.includeB();
                var expected = pass(encoder, config, false, a, b, amongAll);
                var byAutograd = pass(encoder, config, false, a, b, alone);
                var asProgram = pass(encoder, config, true, a, b, alone);
                assertNear(expected, byAutograd);
                assertNear(expected, asProgram);
                assertFalse(equal(byAutograd, asProgram), "the form by autograd was taken");
            }
        }
    }

    @Test
    void theTokenOfAPictureHasTheGradientsThatItHasAmongAll() throws IOException {
        var vit = (VisionTransformer) load("vit");
        var slots = vit.slots();
        var weight = slots.get("layernorm.weight").array();
        var bias = slots.get("layernorm.bias").array();
        Function<NDManager, NDArray> amongAll =
                step -> {
                    var x = vit.tokens(pixels(vit, step), true).get(new NDIndex(":, 0"));
                    var centred = x.sub(x.mean(new int[] {1}, true));
                    var deviation = centred.square().mean(new int[] {1}, true).add(1e-12).sqrt();
                    return centred.div(deviation).mul(weight).add(bias);
                };
        Function<NDManager, NDArray> alone = step -> vit.features(pixels(vit, step), true);
        var config = LoraConfig.ofRank(2).withTargetModules("all-linear");
        var expected = pass(vit, config, false, true, true, amongAll);
        assertNear(expected, pass(vit, config, false, true, true, alone));
        assertNear(expected, pass(vit, config, true, true, true, alone));
    }

    @Test
    void theFirstTokenAloneIsRefusedWherePositionsAreRotated() throws IOException {
        var rotation =
                new RotaryPositions.Rotation(
                        manager.ones(new Shape(1)), manager.ones(new Shape(1)));
        var at = new Attention.Context(1, 2, null, rotation, null);
        var refusal =
                assertThrows(IllegalArgumentException.class, () -> Attention.requireFirst(at));
        assertTrue(refusal.getMessage().contains("compute all tokens"), refusal.getMessage());
    }

    private static NDArray pixels(ImageEncoder encoder, NDManager step) {
        int side = encoder.imageSize();
        return normal(step, new Random(2), new Shape(2, 3, side, side));
    }

    @Test
    void pairsMayHaveRanksAndScalingsOfTheirOwn() throws IOException {
        var config =
                LoraConfig.ofRank(2)
                        .withTargetModules("all-linear")
                        .withPatterns(Map.of("q_proj", 5, "down_proj", 1), Map.of("v_proj", 1.5));
        assertWhole(load("llama3"), config);
    }

    @Test
    void oneExpertIsAPlainPair() throws IOException {
        var config = LoraConfig.ofRank(2).withTargetModules("all-linear");
        assertWhole(load("llama3"), config.withLayer(new Choice("experts", Map.of("experts", 1))));
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"gpt2", "gemma", "qwen3", "dinov2"})
    void aLayerOfAnotherKindIsLeftToAutograd(String name) throws IOException {
        assertByAutograd(load(name), LoraConfig.ofRank(2).withTargetModules("all-linear"));
    }

    @Test
    void aPairOfAnotherKindIsLeftToAutograd() throws IOException {
        var config = LoraConfig.ofRank(2).withTargetModules("all-linear");
        assertByAutograd(load("llama3"), config.withLayer("dora"));
        assertByAutograd(
                load("llama3"), config.withLayer(new Choice("experts", Map.of("experts", 2))));
    }
}
