package org.lowrank.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.peft.PeftAdapter;
import org.lowrank.model.block.Autoregressive;
import org.lowrank.model.block.CausalModel;
import org.lowrank.model.block.EncoderDecoder;
import org.lowrank.model.block.Network;
import org.lowrank.model.generate.Generation;
import org.lowrank.model.generate.Generator;
import org.lowrank.model.generate.Written;
import org.lowrank.model.head.SentenceClassifier;
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
    private final GoldenPass pass;
    private final GoldenTexts texts;

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
        pass = new GoldenPass(network, numbers);
        texts = new GoldenTexts(network, numbers);
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
                var seen = t5.encoded(pass.batch(step), false).toFloatArray();
                var wanted = numbers.floats(states);
                var mask = WholeNumbers.of(numbers, "in.attention_mask");
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
                    WholeNumbers.of(numbers, "posids.in.position_ids"));
        }
    }

    void baseGradients() throws IOException {
        network.train(true);
        pass.backward();
        double tolerance = tolerance("float32_against_float64", "grad.*");
        int compared = 0;
        for (var name : numbers.names()) {
            if (name.startsWith("grad.")) {
                var place = opened.place(name.substring(5)).orElseThrow();
                try (var gradient = network.parameters().get(place.parameter()).getGradient()) {
                    var turned = place.transposed() ? gradient.transpose() : gradient;
                    GoldenPass.compareRelative(
                            name, numbers.floats(name), turned.toFloatArray(), tolerance);
                    compared++;
                }
            }
        }
        assertTrue(compared > 0, "no gradient to compare");
        network.train(false);
    }

    /** An encoder of the family under a new head of its own form. */
    void newHead() throws IOException {
        try (var step = manager.newSubManager();
                var fresh = opened.classifier(7, LoadOptions.PLAIN, 5, manager)) {
            var logits = fresh.forward(pass.batch(step), true);
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
            pass.backward();
            double tolerance = tolerance("float32_against_float64_adapter", "grad.*");
            int compared = 0;
            for (var name : golden.names()) {
                if (name.startsWith("grad.")) {
                    var leaf = leaf(name.substring(("grad." + PREFIX).length()), set);
                    try (var gradient = leaf.getGradient()) {
                        GoldenPass.compareRelative(
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
                        pass.loss(step).getFloat(),
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
        var mask = WholeNumbers.of(numbers, "in.attention_mask");
        boolean byToken = network instanceof CausalModel;
        try (var step = manager.newSubManager()) {
            var seen = pass.logits(positions, step);
            assertEquals(wanted.length, seen.length);
            int width = byToken ? wanted.length / mask.length : wanted.length;
            for (int i = 0; i < wanted.length; i++) {
                if (!byToken || mask[i / width] == 1) {
                    assertEquals(wanted[i], seen[i], tolerance, "logit " + i);
                }
            }
        }
    }

    private double tolerance(String table, String name) {
        var value = expected.path(table).path(name).path("tolerance");
        assertTrue(value.isNumber(), "no tolerance for " + name + " in " + table);
        return value.asDouble();
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
            checks.put("greedy", golden -> golden.texts.greedy());
            if (numbers.names().contains("gen.out.beam3")) {
                checks.put("beams", golden -> golden.texts.beams());
            }
        }
        if (network instanceof CausalModel && checks.containsKey("greedy")) {
            checks.put("gradients by layer", golden -> golden.pass.gradientsByLayer());
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
