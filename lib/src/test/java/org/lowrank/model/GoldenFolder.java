package org.lowrank.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.peft.PeftAdapter;
import org.lowrank.model.block.Autoregressive;
import org.lowrank.model.block.CausalModel;
import org.lowrank.model.block.EmbeddingTable;
import org.lowrank.model.block.EncoderDecoder;
import org.lowrank.model.block.Network;
import org.lowrank.model.generate.Generation;
import org.lowrank.model.generate.Generator;
import org.lowrank.model.generate.Written;
import org.lowrank.model.head.SentenceClassifier;
import org.lowrank.model.head.TokenLoss;
import org.lowrank.task.Losses;
import org.lowrank.text.TokenBatch;
import org.lowrank.weights.SafetensorsFile;
import org.lowrank.weights.TensorSource;
import org.lowrank.weights.TensorSources;
import org.lowrank.weights.WholeNumbers;

/** One folder of a model with the numbers that another implementation computed from it. */
final class GoldenFolder implements AutoCloseable {

    private static final String PREFIX = "base_model.model.";

    private final Path folder;
    private final JsonNode expected;
    private final TensorSource numbers;
    private final PretrainedModel opened;
    private final NDManager manager = NDManager.newBaseManager();
    private final Network network;

    GoldenFolder(Path folder, String config) throws IOException {
        this.folder = folder;
        expected = new ObjectMapper().readTree(folder.resolve("expected.json").toFile());
        numbers = SafetensorsFile.open(folder.resolve("inputs_expected.safetensors"));
        var file = folder.resolve(config);
        var json = new ObjectMapper().readTree(file.toFile());
        opened =
                config.equals("config.json")
                        ? PretrainedModel.open(folder)
                        : PretrainedModel.of(file, json, TensorSources.open(folder));
        network = opened.load(as(expected.get("class").asText()), LoadOptions.PLAIN, manager);
    }

    private static Class<? extends Network> as(String theirs) {
        if (theirs.endsWith("ForConditionalGeneration")) {
            return EncoderDecoder.class;
        }
        return theirs.matches(".*(CausalLM|LMHeadModel)")
                ? CausalModel.class
                : SentenceClassifier.class;
    }

    static String typeOf(Path folder) throws IOException {
        var json = new ObjectMapper().readTree(folder.resolve("config.json").toFile());
        return json.path("model_type").asText();
    }

    boolean has(String file) {
        return Files.exists(folder.resolve(file));
    }

    void baseOutputs() throws IOException {
        var tolerances = "float32_against_float64";
        compareOutputs(numbers, "in.", "out.", tolerances, null);
        var states = "out.encoder_last_hidden_state";
        if (network instanceof T5 t5 && numbers.names().contains(states)) {
            try (var step = manager.newSubManager()) {
                var seen = t5.encoded(batch(step), false).toFloatArray();
                var wanted = numbers.floats(states);
                var mask = longs(numbers, "in.attention_mask");
                int width = wanted.length / mask.length;
                for (int i = 0; i < wanted.length; i++) {
                    if (mask[i / width] == 1) {
                        assertEquals(wanted[i], seen[i], tolerance(tolerances, states));
                    }
                }
            }
        }
    }

    void outputsAtOtherPositions() throws IOException {
        if (numbers.names().contains("posids.in.position_ids")) {
            compareOutputs(
                    numbers,
                    "in.",
                    "posids.out.",
                    "float32_against_float64",
                    longs(numbers, "posids.in.position_ids"));
        }
    }

    void baseGradients() throws IOException {
        network.train(true);
        backward();
        double tolerance = tolerance("float32_against_float64", "grad.*");
        int compared = 0;
        for (var name : numbers.names()) {
            if (name.startsWith("grad.")) {
                var place = opened.place(name.substring(5)).orElseThrow();
                try (var gradient = network.parameters().get(place.parameter()).getGradient()) {
                    var turned = place.transposed() ? gradient.transpose() : gradient;
                    compareRelative(name, numbers.floats(name), turned.toFloatArray(), tolerance);
                    compared++;
                }
            }
        }
        assertTrue(compared > 0, "no gradient to compare");
        network.train(false);
    }

    /** The graph of one layer at a time: the same bits, for the whole model and for dropout off. */
    void gradientsByLayer() throws IOException {
        network.train(true);
        backward();
        var wanted = new LinkedHashMap<String, float[]>();
        for (var entry : network.parameters().entrySet()) {
            try (var gradient = entry.getValue().getGradient()) {
                wanted.put(entry.getKey(), gradient.toFloatArray());
            }
            org.lowrank.engine.Arrays.zeroGradient(entry.getValue());
        }
        try (var step = manager.newSubManager()) {
            var places = places(step);
            var loss =
                    ((CausalModel) network)
                            .backwardByLayer(
                                    batch(step),
                                    7,
                                    hidden -> {
                                        var rows = EmbeddingTable.rows(hidden, places.get(0));
                                        var logits = ((CausalModel) network).logits(rows);
                                        return TokenLoss.each(logits, places.get(1)).mean();
                                    });
            assertEquals(loss(step).getFloat(), loss.getFloat(), "loss");
        }
        for (var entry : network.parameters().entrySet()) {
            try (var gradient = entry.getValue().getGradient()) {
                assertArrayEquals(
                        wanted.get(entry.getKey()), gradient.toFloatArray(), entry.getKey());
            }
        }
    }

    /** An encoder of the family under a new head of its own form. */
    void newHead() throws IOException {
        try (var step = manager.newSubManager();
                var fresh = opened.classifier(7, LoadOptions.PLAIN, 5, manager)) {
            var logits = fresh.forward(batch(step), true);
            assertEquals(7, logits.getShape().get(1));
            var head = fresh.headParameters();
            assertTrue(head.values().stream().allMatch(NDArray::hasGradient), "head is trained");
            assertTrue(
                    fresh.parameters().keySet().stream()
                            .filter(name -> !head.containsKey(name))
                            .noneMatch(name -> fresh.parameters().get(name).hasGradient()),
                    "the rest is frozen");
            assertTrue(
                    fresh.linears().keySet().stream()
                            .noneMatch(path -> head.containsKey(path + ".weight")),
                    "the head carries no adapter");
        }
    }

    void adapter() throws IOException {
        try (var set = PeftAdapter.load(folder.resolve("adapter"), network);
                var golden = SafetensorsFile.open(folder.resolve("adapter_expected.safetensors"))) {
            compareOutputs(golden, null, "out.", "float32_against_float64_adapter", null);
            set.modulesToSave().values().forEach(array -> array.setRequiresGradient(true));
            backward();
            double tolerance = tolerance("float32_against_float64_adapter", "grad.*");
            int compared = 0;
            for (var name : golden.names()) {
                if (name.startsWith("grad.")) {
                    var leaf = leaf(name.substring(("grad." + PREFIX).length()), set);
                    try (var gradient = leaf.getGradient()) {
                        compareRelative(
                                name, golden.floats(name), gradient.toFloatArray(), tolerance);
                        compared++;
                    }
                }
            }
            assertEquals(expected.at("/adapter/keys").asInt(), compared);
            var apart = written();
            set.merge();
            assertEquals(apart, written(), "merged and unmerged write the same");
            double merged = expected.at("/merged/tolerance").asDouble();
            compareLogits(golden.floats("merged.logits"), null, merged);
        }
    }

    /** A greedy text, a drawn one and a beam of the adapted model; nothing of a classifier. */
    private List<List<Integer>> written() throws IOException {
        if (!(network instanceof Autoregressive model)) {
            return List.of();
        }
        var how = Generation.greedy(12);
        var writer = new Generator(model, Set.of());
        return Stream.of(how, how.withTemperature(1), how.withNumBeams(3))
                .map(one -> writer.write(List.of(new int[] {7, 21, 40, 11}), one).texts().get(0))
                .map(Written.Text::ids)
                .toList();
    }

    private NDArray leaf(String key, AdapterSet set) throws IOException {
        var parts = key.split("\\.lora_", 2);
        if (parts.length == 1) {
            return network.parameters().get(opened.place(key).orElseThrow().parameter());
        }
        var path = opened.place(parts[0] + ".weight").orElseThrow().parameter();
        var adapter = set.adapters().get(path.replaceFirst("\\.weight$", ""));
        return switch (parts[1]) {
            case "A.weight" -> adapter.pair().loraA();
            case "B.weight" -> adapter.pair().loraB();
            default -> adapter.extraParameters().get("lora_" + parts[1]);
        };
    }

    private void compareOutputs(
            TensorSource golden, String in, String out, String tolerances, long[] positions)
            throws IOException {
        compareLogits(
                golden.floats(out + "logits"), positions, tolerance(tolerances, "out.logits"));
        try (var step = manager.newSubManager()) {
            if (golden.names().contains(out + "loss") && positions == null) {
                assertEquals(
                        golden.floats(out + "loss")[0],
                        loss(step).getFloat(),
                        tolerance(tolerances, "out.loss"),
                        "loss");
            }
        }
    }

    Network network() {
        return network;
    }

    /** The logits of another program with an adapter, where the attention mask is 1. */
    void compareAdapted(float[] wanted) throws IOException {
        compareLogits(wanted, null, tolerance("float32_against_float64_adapter", "out.logits"));
    }

    private void compareLogits(float[] wanted, long[] positions, double tolerance)
            throws IOException {
        var mask = longs(numbers, "in.attention_mask");
        boolean byToken = network instanceof CausalModel;
        try (var step = manager.newSubManager()) {
            var seen = logits(positions, step);
            assertEquals(wanted.length, seen.length);
            int width = byToken ? wanted.length / mask.length : wanted.length;
            for (int i = 0; i < wanted.length; i++) {
                if (!byToken || mask[i / width] == 1) {
                    assertEquals(wanted[i], seen[i], tolerance, "logit " + i);
                }
            }
        }
    }

    private float[] logits(long[] positions, NDManager step) throws IOException {
        var batch = batch(step);
        if (network instanceof CausalModel causal) {
            var at = new CausalModel.Passage(rows(positions), null);
            return causal.logits(causal.hidden(batch.ids(), batch.mask(), at, false))
                    .toFloatArray();
        } else if (network instanceof EncoderDecoder model) {
            return model.logits(model.hidden(batch, written(step), false)).toFloatArray();
        }
        return ((SentenceClassifier) network).forward(batch, false).toFloatArray();
    }

    private static void compareRelative(
            String name, float[] wanted, float[] seen, double tolerance) {
        assertEquals(wanted.length, seen.length, name);
        double largest = 0;
        for (float w : wanted) {
            largest = Math.max(largest, Math.abs(w));
        }
        for (int i = 0; i < wanted.length; i++) {
            assertEquals(wanted[i], seen[i], tolerance * largest, name + " at " + i);
        }
    }

    private void backward() throws IOException {
        try (var step = manager.newSubManager();
                var collector = Engine.getInstance().newGradientCollector()) {
            collector.zeroGradients();
            collector.backward(loss(step));
        }
    }

    private NDArray loss(NDManager step) throws IOException {
        var labels = longs(numbers, "in.labels");
        var batch = batch(step);
        if (network instanceof SentenceClassifier classifier) {
            var classes = Arrays.stream(labels).mapToInt(Math::toIntExact).toArray();
            return Losses.crossEntropy(step, classifier.forward(batch, true), classes, 1);
        }
        if (network instanceof EncoderDecoder model) {
            var asked = IntStream.range(0, labels.length).filter(i -> labels[i] >= 0);
            var at = step.create(asked.asLongStream().toArray());
            var hidden = EmbeddingTable.rows(model.hidden(batch, written(step), true), at);
            var answers = step.create(Arrays.stream(labels).filter(l -> l >= 0).toArray());
            return TokenLoss.each(model.logits(hidden), answers).mean();
        }
        var places = places(step);
        var logits = ((CausalModel) network).logits(batch, places.get(0), true);
        return TokenLoss.each(logits, places.get(1)).mean();
    }

    /** What the decoder is given: the labels behind the id that all begin with. */
    private TokenBatch written(NDManager step) throws IOException {
        var labels = longs(numbers, "in.labels");
        var shape = new Shape(numbers.info("in.labels").dimensions());
        var ids = new long[labels.length];
        for (int i = 0; i < ids.length; i++) {
            boolean first = i % shape.get(1) == 0;
            ids[i] = first ? ((EncoderDecoder) network).startId() : Math.max(0, labels[i - 1]);
        }
        return new TokenBatch(step.create(ids, shape), step.ones(shape));
    }

    /** Where an answer is asked for, and the answers. */
    private List<NDArray> places(NDManager step) throws IOException {
        var labels = longs(numbers, "in.labels");
        int length = Math.toIntExact(numbers.info("in.input_ids").shape().get(1));
        var places = new ArrayList<Long>();
        var answers = new ArrayList<Long>();
        for (int i = 0; i < labels.length; i++) {
            if (i % length > 0 && labels[i] >= 0) {
                places.add(i - 1L);
                answers.add(labels[i]);
            }
        }
        var at = step.create(places.stream().mapToLong(Long::longValue).toArray());
        return List.of(at, step.create(answers.stream().mapToLong(Long::longValue).toArray()));
    }

    private TokenBatch batch(NDManager step) throws IOException {
        var info = numbers.info("in.input_ids");
        var shape = new Shape(info.dimensions());
        var ids = step.create(longs(numbers, "in.input_ids"), shape);
        var mask = step.create(longs(numbers, "in.attention_mask"), shape);
        var types =
                numbers.names().contains("in.token_type_ids")
                        ? step.create(longs(numbers, "in.token_type_ids"), shape)
                        : null;
        return new TokenBatch(ids, mask.toType(DataType.FLOAT32, true), types);
    }

    private long[][] rows(long[] positions) throws IOException {
        if (positions == null) {
            return null;
        }
        int length = Math.toIntExact(numbers.info("in.input_ids").shape().get(1));
        var rows = new long[positions.length / length][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Arrays.copyOfRange(positions, i * length, (i + 1) * length);
        }
        return rows;
    }

    private static long[] longs(TensorSource source, String name) throws IOException {
        return WholeNumbers.of(source, name);
    }

    private double tolerance(String table, String name) {
        var value = expected.path(table).path(name).path("tolerance");
        assertTrue(value.isNumber(), "no tolerance for " + name + " in " + table);
        return value.asDouble();
    }

    void greedy() throws IOException {
        var prompts = prompts();
        var wanted = tails("gen.out.greedy");
        var how = Generation.greedy(wanted.get(0).size());
        var writer = new Generator((Autoregressive) network, Set.of());
        var seen = writer.write(prompts, how).texts();
        for (int row = 0; row < prompts.size(); row++) {
            assertEquals(wanted.get(row), seen.get(row).ids(), "row " + row);
            var alone = writer.write(List.of(prompts.get(row)), how);
            assertEquals(wanted.get(row), alone.texts().get(0).ids(), "alone, row " + row);
            var prompt = prompts.get(row);
            var anew =
                    network instanceof EncoderDecoder model
                            ? withoutMemory(model, prompt, how)
                            : withoutMemory(prompt, how);
            assertEquals(wanted.get(row), anew, "row " + row);
        }
        // one stops earlier: the other goes on as if alone
        int stop = wanted.get(0).get(2);
        var stopped = writer.write(prompts, how.withStopIds(stop)).texts();
        for (int row = 0; row < prompts.size(); row++) {
            var free = wanted.get(row);
            int end = free.contains(stop) ? free.indexOf(stop) + 1 : free.size();
            assertEquals(free.subList(0, end), stopped.get(row).ids(), "stopped row " + row);
        }
    }

    /** The whole text is read anew for each token. */
    private List<Integer> withoutMemory(int[] prompt, Generation how) {
        var writer = new Generator((CausalModel) network, Set.of());
        var text = prompt;
        for (int i = 0; i < how.maxNewTokens(); i++) {
            var next = writer.write(List.of(text), Generation.greedy(1)).ids(0);
            text = IntStream.concat(Arrays.stream(text), Arrays.stream(next)).toArray();
        }
        return Arrays.stream(text).skip(prompt.length).boxed().toList();
    }

    private static List<Integer> withoutMemory(EncoderDecoder model, int[] prompt, Generation how) {
        var text = new ArrayList<>(List.of(model.startId()));
        for (int i = 0; i < how.maxNewTokens(); i++) {
            try (var step = model.manager().newSubManager()) {
                var so = text.stream().mapToLong(Integer::longValue).toArray();
                var logits = model.logits(model.hidden(one(prompt, step), one(so, step), false));
                text.add((int) logits.get(text.size() - 1).argMax().getLong());
            }
        }
        return text.subList(1, text.size());
    }

    private static TokenBatch one(int[] text, NDManager step) {
        return one(Arrays.stream(text).asLongStream().toArray(), step);
    }

    private static TokenBatch one(long[] text, NDManager step) {
        var shape = new Shape(1, text.length);
        return new TokenBatch(step.create(text, shape), step.ones(shape));
    }

    void beams() throws IOException {
        var prompts = prompts();
        var wanted = tails("gen.out.beam3");
        var scores = numbers.floats("gen.out.beam3_scores");
        var how = Generation.greedy(wanted.get(0).size()).withNumBeams(3);
        var writer = new Generator((Autoregressive) network, Set.of());
        var seen = writer.write(prompts, how).texts();
        for (int row = 0; row < prompts.size(); row++) {
            assertEquals(wanted.get(row), seen.get(row).ids(), "row " + row);
            assertEquals(scores[row], seen.get(row).score(), 1e-5, "score of row " + row);
            var alone = writer.write(List.of(prompts.get(row)), how).texts().get(0);
            assertEquals(wanted.get(row), alone.ids(), "alone, row " + row);
        }
    }

    private List<int[]> prompts() throws IOException {
        var shape = numbers.info("gen.in.input_ids").shape();
        int length = Math.toIntExact(shape.get(1));
        var ids = longs(numbers, "gen.in.input_ids");
        var mask = longs(numbers, "gen.in.attention_mask");
        var prompts = new ArrayList<int[]>();
        for (int row = 0; row < shape.get(0); row++) {
            int from = row * length;
            prompts.add(
                    IntStream.range(from, from + length)
                            .filter(i -> mask[i] == 1)
                            .map(i -> Math.toIntExact(ids[i]))
                            .toArray());
        }
        return prompts;
    }

    /** What was added to each prompt. */
    private List<List<Integer>> tails(String name) throws IOException {
        int prompt =
                network instanceof EncoderDecoder
                        ? 1
                        : Math.toIntExact(numbers.info("gen.in.input_ids").shape().get(1));
        int all = Math.toIntExact(numbers.info(name).shape().get(1));
        var ids = longs(numbers, name);
        return IntStream.range(0, ids.length / all)
                .mapToObj(
                        row ->
                                IntStream.range(row * all + prompt, (row + 1) * all)
                                        .mapToObj(i -> Math.toIntExact(ids[i]))
                                        .toList())
                .toList();
    }

    /** What is checked, by name. */
    Map<String, Check> checks() {
        var checks = new LinkedHashMap<String, Check>();
        checks.put("outputs", GoldenFolder::baseOutputs);
        checks.put("outputs at other positions", GoldenFolder::outputsAtOtherPositions);
        if (numbers.names().stream().anyMatch(name -> name.startsWith("grad."))) {
            checks.put("gradients", GoldenFolder::baseGradients);
        }
        if (numbers.names().contains("gen.out.greedy") && network instanceof Autoregressive) {
            checks.put("greedy", GoldenFolder::greedy);
            if (numbers.names().contains("gen.out.beam3")) {
                checks.put("beams", GoldenFolder::beams);
            }
        }
        if (network instanceof CausalModel && checks.containsKey("greedy")) {
            checks.put("gradients by layer", GoldenFolder::gradientsByLayer);
        }
        if (network instanceof SentenceClassifier) {
            checks.put("new head", GoldenFolder::newHead);
        }
        if (has("adapter")) {
            checks.put("adapter", GoldenFolder::adapter);
        }
        return checks;
    }

    /** One of them. */
    interface Check {
        void run(GoldenFolder folder) throws IOException;
    }

    @Override
    public void close() throws IOException {
        opened.close();
        numbers.close();
        manager.close();
    }
}
