package org.lowrank.model;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.model.block.CausalModel;
import org.lowrank.model.block.Decoder;
import org.lowrank.model.generate.Generation;
import org.lowrank.model.generate.Generator;
import org.lowrank.model.head.TokenLoss;
import org.lowrank.text.TextTokenizer;
import org.lowrank.text.TokenBatch;
import org.lowrank.weights.SafetensorsFile;
import org.lowrank.weights.TensorSource;

/**
 * SmolLM2-135M-Instruct from its GGUF file against numbers that another implementation computed in
 * float64 from the same weights ({@code -Dlowrank.golden.smollm2=DIR}).
 */
class SmolLm2GoldenTest {

    private static final double LOGIT = 1e-4;
    private static final double LOSS = 1e-5;
    private static final double GRADIENT_NORM = 1e-4;
    private static final double GRADIENT = 2.5e-4;

    private static final Path GOLDEN =
            Path.of(System.getProperty("lowrank.golden.smollm2", "../../shared/golden/smollm2"));

    private static NDManager manager;
    private static CausalModel model;
    private static TextTokenizer tokenizer;

    @BeforeAll
    static void load() throws IOException {
        var data = System.getenv().getOrDefault("LOWRANK_DATA", "../../shared/data");
        var file = Path.of(data, "models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf");
        assumeTrue(Files.exists(file), file.toAbsolutePath() + " is not there");
        assumeTrue(Files.isDirectory(GOLDEN), GOLDEN.toAbsolutePath() + " is not there");
        manager = NDManager.newBaseManager();
        try (var opened = PretrainedModel.open(file)) {
            model = opened.load(CausalModel.class, LoadOptions.PLAIN, manager);
            tokenizer = opened.tokenizer();
        }
    }

    @AfterAll
    static void close() {
        if (manager != null) {
            tokenizer.close();
            manager.close();
        }
    }

    private static JsonNode golden(String name) throws IOException {
        return new ObjectMapper().readTree(GOLDEN.resolve(name).toFile());
    }

    private static int[] ids(JsonNode list) {
        var ids = new int[list.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = list.get(i).intValue();
        }
        return ids;
    }

    private static TokenBatch batch(NDManager step, int[]... rows) {
        var flat = new long[rows.length * rows[0].length];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = rows[i / rows[0].length][i % rows[0].length];
        }
        var shape = new Shape(rows.length, rows[0].length);
        return new TokenBatch(step.create(flat, shape), step.ones(shape, DataType.FLOAT32));
    }

    /** The mean loss of the labels that are no −100, each predicted by the token before. */
    private static NDArray loss(NDManager step, TokenBatch batch, int[]... labels) {
        var places = new ArrayList<Long>();
        var answers = new ArrayList<Long>();
        for (int row = 0; row < labels.length; row++) {
            for (int i = 1; i < labels[row].length; i++) {
                if (labels[row][i] >= 0) {
                    places.add((long) row * labels[row].length + i - 1);
                    answers.add((long) labels[row][i]);
                }
            }
        }
        var at = step.create(places.stream().mapToLong(Long::longValue).toArray());
        var wanted = step.create(answers.stream().mapToLong(Long::longValue).toArray());
        return TokenLoss.each(model.logits(batch, at, true), wanted).mean();
    }

    @Test
    void itIsTheModelOfItsCard() {
        long count = model.parameters().values().stream().mapToLong(NDArray::size).sum();
        assertEquals(134_515_008, count);
        assertEquals(
                Map.of(AdaptableLinear.Role.WITHIN, 210L, AdaptableLinear.Role.TABLE, 1L),
                model.linears().values().stream()
                        .collect(groupingBy(AdaptableLinear::role, counting())));
        assertEquals(true, ((Decoder) model).isTied());
    }

    @Test
    void textsBecomeTheSameTokens() throws IOException {
        for (var text : golden("tokens.json")) {
            assertArrayEquals(
                    ids(text.get("ids")),
                    tokenizer.encodeUnframed(text.get("text").asText()),
                    text.get("text").asText());
        }
    }

    @Test
    void logitsAreThoseOfFloat64() throws IOException {
        try (var last = SafetensorsFile.open(GOLDEN.resolve("logits_last.safetensors"))) {
            int number = 0;
            for (var prompt : golden("logits.json")) {
                try (var step = manager.newSubManager()) {
                    var tokens = ids(prompt.get("ids"));
                    var batch = batch(step, tokens);
                    var hidden =
                            model.hidden(
                                    batch.ids(), batch.mask(), CausalModel.Passage.WHOLE, false);
                    var logits = model.logits(hidden);
                    for (var place : prompt.get("positions")) {
                        int position = place.get("position").intValue();
                        var row = logits.get(position).toFloatArray();
                        for (int i = 0; i < place.get("top20_ids").size(); i++) {
                            assertEquals(
                                    place.get("top20_f64").get(i).doubleValue(),
                                    row[place.get("top20_ids").get(i).intValue()],
                                    LOGIT);
                        }
                    }
                    assertArrayEquals(
                            last.floats("prompt" + number++ + ".last_logits"),
                            logits.get(tokens.length - 1).toFloatArray(),
                            (float) LOGIT);
                }
            }
        }
    }

    @Test
    void meanLossesAreThoseOfFloat64() throws IOException {
        for (var one : golden("nll.json")) {
            try (var step = manager.newSubManager()) {
                var tokens = ids(one.get("ids"));
                var labels = one.has("labels") ? ids(one.get("labels")) : tokens;
                var loss = loss(step, batch(step, tokens), labels);
                assertEquals(one.get("mean_f64").doubleValue(), loss.getFloat(), LOSS);
            }
        }
    }

    @Test
    void greedyTextIsThatOfFloat64() throws IOException {
        var golden = golden("greedy.json");
        var generator = new Generator(model, Set.of());
        for (var one : golden.get("single")) {
            var wanted = ids(one.get("generated"));
            var prompt = List.of(ids(one.get("ids")));
            var seen = generator.write(prompt, Generation.greedy(wanted.length)).ids(0);
            assertArrayEquals(wanted, seen, one.get("text").asText());
        }
        var batch = golden.get("left_padded_batch");
        var prompts = new ArrayList<int[]>();
        for (var number : batch.get("prompts")) {
            prompts.add(ids(golden.get("single").get(number.intValue()).get("ids")));
        }
        var seen = generator.write(prompts, Generation.greedy(48));
        for (int row = 0; row < prompts.size(); row++) {
            assertArrayEquals(ids(batch.get("generated").get(row)), seen.ids(row));
        }
    }

    @Test
    void gradientsOfFactorsAreThoseOfFloat64() throws IOException {
        var golden = golden("lora_grads.json");
        var config = LoraConfig.ofRank(4).withLoraAlpha(8).withTargetModules("q_proj", "v_proj");
        try (var set = AdapterSet.inject(model, config, 1);
                var step = manager.newSubManager();
                var expected =
                        SafetensorsFile.open(GOLDEN.resolve("lora_grads_f64_as_f32.safetensors"))) {
            for (var pair : set.pairs()) {
                int layer = Integer.parseInt(pair.path().split("\\.")[2]);
                double phase = layer + (pair.path().endsWith("v_proj") ? 0.5 : 0);
                fill(pair.loraA(), phase, false);
                fill(pair.loraB(), phase, true);
            }
            var rows = golden.get("input_ids");
            var mask = new float[rows.size() * rows.get(0).size()];
            for (int i = 0; i < mask.length; i++) {
                int width = rows.get(0).size();
                mask[i] = golden.get("attention_mask").get(i / width).get(i % width).intValue();
            }
            var plain = batch(step, ids(rows.get(0)), ids(rows.get(1)));
            var batch = new TokenBatch(plain.ids(), step.create(mask, plain.ids().getShape()));
            var labels = golden.get("labels");
            try (var collector = Engine.getInstance().newGradientCollector()) {
                var loss = loss(step, batch, ids(labels.get(0)), ids(labels.get(1)));
                assertEquals(golden.get("loss_f64").doubleValue(), loss.getFloat(), LOSS);
                collector.backward(loss);
            }
            double squares = 0;
            for (var pair : set.pairs()) {
                squares += compare(expected, pair.path() + ".lora_A.weight", pair.loraA());
                squares += compare(expected, pair.path() + ".lora_B.weight", pair.loraB());
            }
            double norm = golden.get("grad_norm_all_f64").doubleValue();
            assertEquals(norm, Math.sqrt(squares), GRADIENT_NORM * norm);
        }
    }

    private static void fill(NDArray factor, double phase, boolean cosine) {
        var values = new float[Math.toIntExact(factor.size())];
        for (int k = 0; k < values.length; k++) {
            double angle = 0.1 * k + phase;
            values[k] = (float) (0.01 * (cosine ? Math.cos(angle) : Math.sin(angle)));
        }
        try (var alias = factor.stopGradient();
                var source = manager.create(values, factor.getShape())) {
            alias.set(new NDIndex("..."), source);
        }
    }

    private static double compare(TensorSource expected, String name, NDArray factor)
            throws IOException {
        var wanted = expected.floats(name);
        double largest = 0;
        double squares = 0;
        for (float value : wanted) {
            largest = Math.max(largest, Math.abs(value));
        }
        try (var gradient = factor.getGradient()) {
            var seen = gradient.toFloatArray();
            for (int i = 0; i < seen.length; i++) {
                assertEquals(wanted[i], seen[i], GRADIENT * largest, name);
                squares += (double) seen[i] * seen[i];
            }
        }
        return squares;
    }
}
