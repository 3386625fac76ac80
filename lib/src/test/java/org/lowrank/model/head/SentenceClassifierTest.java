package org.lowrank.model.head;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.model.Bert;
import org.lowrank.model.BertConfig;
import org.lowrank.model.PretrainedBert;
import org.lowrank.optim.Optimizers;
import org.lowrank.optim.ParameterAdamW;
import org.lowrank.task.Losses;
import org.lowrank.text.TokenBatch;
import org.lowrank.text.Tokens;
import org.lowrank.train.GraphObjective;
import org.lowrank.train.Trained;
import org.lowrank.train.TrainingConfig;
import org.lowrank.train.TrainingLoop;

class SentenceClassifierTest {

    private static final BertConfig TINY = new BertConfig(50, 16, 2, 8, 20, 2, 2, 0);
    private static final Tokens SHORT = new Tokens(new int[] {1, 5, 2}, new int[3]);
    private static final Tokens LONG = new Tokens(new int[] {1, 7, 9, 11, 5, 2}, new int[6]);

    private NDManager manager;
    private SentenceClassifier model;

    @BeforeEach
    void build() {
        manager = NDManager.newBaseManager();
        model = SentenceClassifier.on(Bert.random(TINY, 7, manager), Pooling.MEAN, 3, 0, 11);
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private float[] logits(List<Tokens> sentences) {
        try (var step = manager.newSubManager()) {
            return model.forward(TokenBatch.of(sentences, step), false).toFloatArray();
        }
    }

    @Test
    void theLinearMapsAreNamedAsInPyTorchInTheOrderOfTheForwardPass() {
        assertEquals(
                List.of(
                        "encoder.layer.0.attention.self.query",
                        "encoder.layer.0.attention.self.key",
                        "encoder.layer.0.attention.self.value",
                        "encoder.layer.0.attention.output.dense",
                        "encoder.layer.0.intermediate.dense",
                        "encoder.layer.0.output.dense"),
                List.copyOf(model.linears().keySet()).subList(0, 6));
        assertEquals(12, model.linears().size());
        assertTrue(model.parameters().containsKey("embeddings.LayerNorm.weight"));
        assertTrue(model.parameters().containsKey("classifier.bias"));
    }

    @Test
    void paddingDoesNotChangeASentencesLogits() {
        var alone = logits(List.of(SHORT));
        var padded = logits(List.of(SHORT, LONG));
        assertArrayEquals(alone, Arrays.copyOf(padded, 3), 1e-6f);
    }

    @Test
    void segmentTypesOfZeroAreTheDefault() {
        try (var step = manager.newSubManager()) {
            var batch = TokenBatch.of(List.of(LONG), step);
            var typed = new TokenBatch(batch.ids(), batch.mask(), batch.ids().zerosLike());
            assertArrayEquals(
                    model.forward(batch, false).toFloatArray(),
                    model.forward(typed, false).toFloatArray());
        }
    }

    @Test
    void aFrozenBaseGetsNoGradientButItsAdaptersAndTheHeadDo() {
        var config = LoraConfig.ofRank(2);
        try (var adapters = AdapterSet.inject(model, config, 3);
                var step = manager.newSubManager()) {
            try (var collector = Engine.getInstance().newGradientCollector()) {
                var loss =
                        model.forward(TokenBatch.of(List.of(SHORT, LONG), step), true)
                                .square()
                                .sum();
                collector.backward(loss);
            }
            for (var pair : adapters.pairs()) {
                try (var gradient = pair.loraB().getGradient()) {
                    assertTrue(gradient.abs().sum().getFloat() > 0, pair.path());
                }
            }
            for (var entry : model.headParameters().entrySet()) {
                try (var gradient = entry.getValue().getGradient()) {
                    assertTrue(gradient.abs().sum().getFloat() > 0, entry.getKey());
                }
            }
            assertFalse(
                    model.encoder().parameters().values().stream().anyMatch(p -> p.hasGradient()));
        }
    }

    @Test
    void stepsMoveAdaptersAndHeadAndNoBitOfTheBase() {
        try (var adapters = AdapterSet.inject(model, LoraConfig.ofRank(2), 3);
                var pairs = Optimizers.create("adamw");
                var head = new ParameterAdamW(0.1)) {
            var base = hashes(model.encoder().parameters());
            var heads = hashes(model.headParameters());
            var factors = hashes(factors(adapters));
            var trained = new Trained(model, adapters, pairs, model.headParameters(), head);
            var config = TrainingConfig.of(3, 0.01);
            new TrainingLoop(trained, new TwoSentences(), Map::of, config, 1, List.of()).run();
            assertEquals(base, hashes(model.encoder().parameters()));
            assertAllDiffer(heads, hashes(model.headParameters()));
            assertAllDiffer(factors, hashes(factors(adapters)));
        }
    }

    /** The classes of two sentences. */
    private final class TwoSentences implements GraphObjective {

        @Override
        public int batchesPerEpoch() {
            return 1;
        }

        @Override
        public BatchLoss loss(NDManager step, long epoch, int index, double weight) {
            var logits = model.forward(TokenBatch.of(List.of(SHORT, LONG), step), true);
            var labels = new int[] {0, 2};
            return new BatchLoss(Losses.crossEntropy(step, logits, labels, weight), 2, 0);
        }
    }

    private static Map<String, NDArray> factors(AdapterSet adapters) {
        var factors = new TreeMap<String, NDArray>();
        for (var pair : adapters.pairs()) {
            factors.put(pair.path() + ".A", pair.loraA());
            factors.put(pair.path() + ".B", pair.loraB());
        }
        return factors;
    }

    /** SHA-256 of the bytes of every array. */
    private static Map<String, String> hashes(Map<String, NDArray> arrays) {
        var hashes = new TreeMap<String, String>();
        arrays.forEach(
                (name, array) -> {
                    try {
                        var digest = MessageDigest.getInstance("SHA-256");
                        digest.update(array.toByteBuffer());
                        hashes.put(name, HexFormat.of().formatHex(digest.digest()));
                    } catch (NoSuchAlgorithmException e) {
                        throw new IllegalStateException(e);
                    }
                });
        return hashes;
    }

    private static void assertAllDiffer(Map<String, String> before, Map<String, String> after) {
        before.forEach((name, hash) -> assertNotEquals(hash, after.get(name), name));
    }

    @Test
    void fullFineTuningReachesEveryParameter() {
        model.encoder().train(true);
        try (var step = manager.newSubManager()) {
            try (var collector = Engine.getInstance().newGradientCollector()) {
                var weights = step.create(new float[] {1, -2, 0.5f});
                var loss =
                        model.forward(TokenBatch.of(List.of(SHORT, LONG), step), true)
                                .mul(weights)
                                .sum();
                collector.backward(loss);
            }
            for (var entry : model.parameters().entrySet()) {
                // The softmax does not see a shift of all scores, so the bias of the keys is idle.
                if (!entry.getKey().endsWith("key.bias")) {
                    try (var gradient = entry.getValue().getGradient()) {
                        assertTrue(gradient.abs().sum().getFloat() > 0, entry.getKey());
                    }
                }
            }
        }
    }

    @Test
    void aPoolerStandsBetweenPoolingAndHeadAndCanCarryAnAdapter() {
        var bert = PretrainedBert.random(TINY, 7, manager);
        var head = new ClassificationHead(8, 3, 0, 11, bert.encoder().manager());
        var pooled = new SentenceClassifier(bert.encoder(), Pooling.CLS, bert.pooler(), head);
        assertTrue(pooled.linears().containsKey("pooler.dense"));
        assertTrue(pooled.parameters().containsKey("pooler.dense.weight"));
        try (var step = manager.newSubManager()) {
            var batch = TokenBatch.of(List.of(SHORT), step);
            var first = bert.encoder().hidden(batch, false).get(new NDIndex(":, 0"));
            var expected = new float[3];
            var vector = first.toFloatArray();
            var dense = pooled.parameters().get("pooler.dense.weight").toFloatArray();
            var weight = pooled.parameters().get("classifier.weight").toFloatArray();
            for (int i = 0; i < 8; i++) {
                double sum = 0;
                for (int j = 0; j < 8; j++) {
                    sum += dense[8 * i + j] * vector[j];
                }
                for (int label = 0; label < 3; label++) {
                    expected[label] += (float) (weight[8 * label + i] * Math.tanh(sum));
                }
            }
            assertArrayEquals(expected, pooled.forward(batch, false).toFloatArray(), 1e-6f);
        }
    }

    @Test
    void aBatchBeyondThePositionsIsRefused() {
        var tooLong = new Tokens(new int[17], new int[17]);
        var error = assertThrows(IllegalArgumentException.class, () -> logits(List.of(tooLong)));
        assertTrue(error.getMessage().contains("17"), error.getMessage());
        assertTrue(error.getMessage().contains("16 positions"), error.getMessage());
    }

    @Test
    void closingLeavesNoArrayBehind() {
        model.close();
        assertEquals(0, manager.getManagedArrays().size());
    }

    @Test
    void aForwardPassLeavesOnlyWhatTheStepOwns() {
        logits(List.of(LONG));
        int before = model.manager().getManagedArrays().size();
        for (int i = 0; i < 5; i++) {
            logits(List.of(SHORT, LONG));
        }
        assertEquals(before, model.manager().getManagedArrays().size());
    }
}
