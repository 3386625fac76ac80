package org.lowrank.adapter.peft;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.AdaptableModel;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.Initialization;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.adapter.StartContext;
import org.lowrank.adapter.kind.ExpertsAdapter;
import org.lowrank.config.Json;
import org.lowrank.engine.Arrays;
import org.lowrank.engine.AtomicFile;
import org.lowrank.weights.MalformedFileException;
import org.lowrank.weights.SafetensorsWriter;
import org.lowrank.weights.StrictJson;
import org.lowrank.weights.TensorData;
import org.lowrank.weights.TensorSource;

/**
 * Experts in the two files of an adapter. PEFT has no such kind: its type there is {@value #TYPE},
 * which PEFT refuses, and the rest of the configuration is this library's own. Tensors are {@code
 * base_model.model.PATH.experts.I.lora_A.weight}, {@code lora_B} alike, and {@code
 * PATH.experts_gate}.
 */
final class ExpertsFolder {

    private static final String TYPE = "LORA_EXPERTS";
    private static final String PEFT_TYPE = "peft_type";
    private static final String ADAPTER = "adapter";
    private static final Pattern GATE =
            Pattern.compile(
                    Pattern.quote(PeftKey.PREFIX) + "(.+)\\." + Pattern.quote(ExpertsAdapter.GATE));

    private ExpertsFolder() {}

    /** True if the folder of an adapter holds experts. */
    static boolean isNamed(Path folder) throws IOException {
        var root = StrictJson.readObject(folder.resolve(PeftAdapter.CONFIG));
        return root.path(PEFT_TYPE).asText().equals(TYPE);
    }

    /**
     * @throws IllegalArgumentException if modules of the base are to be saved beside them
     */
    static void write(Path folder, AdapterSet set, PeftOptions options) throws IOException {
        if (!options.modulesToSave().isEmpty() || !set.config().modulesToSave().isEmpty()) {
            throw new IllegalArgumentException(
                    "experts are saved without modules of the base; train them on a model without"
                            + " a head of its own, or with layer lora");
        }
        var tensors = new TreeMap<String, TensorData>();
        set.pairs()
                .forEach(
                        pair -> {
                            tensors.put(key(pair.path(), "A"), TensorData.of(pair.loraA()));
                            tensors.put(key(pair.path(), "B"), TensorData.of(pair.loraB()));
                        });
        set.adapters()
                .forEach(
                        (path, adapter) ->
                                adapter.extraParameters()
                                        .forEach(
                                                (name, gate) ->
                                                        tensors.put(
                                                                PeftKey.of(path, name, false),
                                                                TensorData.of(gate))));
        SafetensorsWriter.write(folder.resolve(PeftAdapter.WEIGHTS), tensors);
        var root = Json.mapper().createObjectNode();
        root.put(PEFT_TYPE, TYPE);
        root.set(ADAPTER, Json.mapper().valueToTree(set.config()));
        var text = Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
        AtomicFile.write(
                folder.resolve(PeftAdapter.CONFIG),
                out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static String key(String path, String factor) {
        return PeftKey.of(path, "lora_" + factor, true);
    }

    static AdapterSet read(Path folder, AdaptableModel model) throws IOException {
        var config = config(folder.resolve(PeftAdapter.CONFIG));
        try (var source = AdapterFolder.weights(folder)) {
            var gates = new TreeSet<String>();
            source.names()
                    .forEach(n -> GATE.matcher(n).results().forEach(m -> gates.add(m.group(1))));
            if (gates.isEmpty()) {
                throw new MalformedFileException(
                        source.file(), "header", "holds no " + ExpertsAdapter.GATE);
            }
            var targeted = config.withTargetModules(gates.toArray(String[]::new));
            var values = values(source, targeted, model);
            var set =
                    AdapterSet.inject(
                            model,
                            targeted,
                            targeted.kind(),
                            (Given) values::get,
                            StartContext.of(0));
            for (var path : gates) {
                var gate = set.adapters().get(path).extraParameters().get(ExpertsAdapter.GATE);
                Arrays.assign(
                        gate,
                        read(
                                source,
                                PeftKey.of(path, ExpertsAdapter.GATE, false),
                                gate.getShape().getShape()));
            }
            return set;
        } catch (IllegalArgumentException e) {
            throw new MalformedFileException(
                    folder.resolve(PeftAdapter.CONFIG), ADAPTER, e.getMessage());
        }
    }

    private static LoraConfig config(Path file) throws IOException {
        try {
            return Json.mapper()
                    .treeToValue(StrictJson.readObject(file).path(ADAPTER), LoraConfig.class);
        } catch (JsonProcessingException e) {
            throw new MalformedFileException(file, ADAPTER, e.getOriginalMessage());
        }
    }

    /** The factors by the names of the pairs. */
    private static Map<String, Initialization.Start> values(
            TensorSource source, LoraConfig config, AdaptableModel model) throws IOException {
        var values = new LinkedHashMap<String, Initialization.Start>();
        int each = config.kind().pairsPerLayer();
        for (var path : config.targetModules()) {
            var layer = model.linears().get(path);
            if (layer == null) {
                throw new MalformedFileException(
                        source.file(), PeftKey.PREFIX + path, "the model has no such linear map");
            }
            long rank = config.rank(path);
            for (int i = 0; i < each; i++) {
                var name = path + ".experts." + i;
                values.put(
                        name,
                        new Initialization.Start(
                                read(source, key(name, "A"), rank, layer.in()),
                                read(source, key(name, "B"), layer.out(), rank)));
            }
        }
        return values;
    }

    private static float[] read(TensorSource source, String name, long... shape)
            throws IOException {
        var wanted = java.util.Arrays.stream(shape).boxed().toList();
        var found = source.info(name).shape();
        if (!found.equals(wanted)) {
            throw new MalformedFileException(
                    source.file(), name, "has shape " + found + ", not " + wanted);
        }
        return source.floats(name);
    }

    /** Factors that stand already. */
    @FunctionalInterface
    private interface Given extends Initialization {

        Start of(String path);

        @Override
        default Start start(
                String path, AdaptableLinear layer, int rank, double s, StartContext context) {
            return of(path);
        }
    }
}
