package org.lowrank.adapter.peft;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.lowrank.adapter.AdaLora;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.AdaptableModel;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.Initialization;
import org.lowrank.adapter.LayerKind;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.adapter.safetensors.SafetensorsFile;
import org.lowrank.adapter.safetensors.StrictJson;

/** Reads one folder and attaches what it holds. */
final class PeftReader {

    private final Path folder;
    private final AdaptableModel model;
    private final PeftConfig config;

    PeftReader(Path folder, AdaptableModel model) throws IOException {
        this.folder = folder;
        this.model = model;
        var file = folder.resolve(PeftAdapter.CONFIG);
        config = new PeftConfig(file, StrictJson.readObject(file));
    }

    AdapterSet read() throws IOException {
        try {
            return attach();
        } catch (IllegalArgumentException e) { // what the configuration asks for cannot be had
            throw config.refusal("adapter", e.getMessage());
        }
    }

    private AdapterSet attach() throws IOException {
        var file = folder.resolve(PeftAdapter.WEIGHTS);
        try (var source = SafetensorsFile.open(file)) {
            var tensors = new AdapterTensors(file, source);
            var inFile = resolve(tensors);
            var whole = readWhole(tensors);
            var values = new LinkedHashMap<String, PairValues>();
            var loraConfig = loraConfig(List.copyOf(inFile.keySet()));
            var kept = config.type().equals("ADALORA") ? config.keptTriplets() : null;
            for (var entry : inFile.entrySet()) {
                var shape = shape(entry.getKey(), loraConfig);
                values.put(
                        entry.getKey(),
                        PairValues.read(tensors, entry.getValue(), shape, loraConfig.kind(), kept));
            }
            var set = AdapterSet.inject(model, loraConfig.withInitialization(new Read(values)), 0);
            set.adapters()
                    .forEach(
                            (path, adapter) ->
                                    adapter.extraParameters()
                                            .values()
                                            .forEach(p -> fill(p, values.get(path).extra())));
            whole.forEach((name, array) -> fill(model.parameters().get(name), array));
            return set;
        }
    }

    private PairValues.Shape shape(String path, LoraConfig loraConfig) {
        var layer = model.linears().get(path);
        return new PairValues.Shape(layer.out(), layer.in(), loraConfig.rank(path));
    }

    /** The model's paths, in its order, and what the file calls them. */
    private Map<String, String> resolve(AdapterTensors tensors) throws IOException {
        var found = new TreeMap<String, String>();
        for (var inFile : tensors.paths()) {
            var path = inFile;
            while (!model.linears().containsKey(path)) {
                int dot = path.indexOf('.');
                if (dot < 0) {
                    throw tensors.refusal(
                            PeftKey.PREFIX + inFile,
                            "the model has no such linear map; it has "
                                    + model.linears().keySet().iterator().next()
                                    + " and others");
                }
                path = path.substring(dot + 1);
            }
            if (found.put(path, inFile) != null) {
                throw tensors.refusal(PeftKey.PREFIX + inFile, "is there twice for the model");
            }
        }
        var ordered = new LinkedHashMap<String, String>();
        model.linears().keySet().stream()
                .filter(found::containsKey)
                .forEach(path -> ordered.put(path, found.get(path)));
        return ordered;
    }

    private Map<String, float[]> readWhole(AdapterTensors tensors) throws IOException {
        var values = new LinkedHashMap<String, float[]>();
        for (var name : tensors.whole()) {
            var array = model.parameters().get(name);
            if (array == null) {
                throw tensors.refusal(PeftKey.PREFIX + name, "the model has no such parameter");
            }
            var shape = Arrays.stream(array.getShape().getShape()).boxed().toList();
            values.put(name, tensors.readWhole(name, shape));
        }
        return values;
    }

    private LoraConfig loraConfig(List<String> paths) throws IOException {
        boolean adaptive = config.type().equals("ADALORA");
        int rank = adaptive ? config.positiveInt("init_r", 12) : config.positiveInt("r", 8);
        var plain = config.flag("use_dora") ? LayerKind.DORA : LayerKind.LORA;
        return new LoraConfig(
                adaptive ? adaLora(rank) : plain,
                rank,
                config.number("lora_alpha", 8),
                config.number("lora_dropout", 0),
                config.flag("use_rslora"),
                paths,
                Initialization.KAIMING,
                adaptive ? Map.of() : config.ranks(),
                config.alphas(),
                config.names("modules_to_save"));
    }

    private AdaLora adaLora(int initialRank) throws IOException {
        int tInit = config.countingInt("tinit", 0);
        int tFinal = config.countingInt("tfinal", 0);
        return new AdaLora(
                Math.min(config.positiveInt("target_r", 8), initialRank),
                tInit,
                tFinal,
                config.positiveInt("deltaT", 1),
                config.positiveInt("total_step", tInit + tFinal + 1),
                config.number("beta1", 0.85),
                config.number("beta2", 0.85),
                config.number("orth_reg_weight", 0.5),
                AdaLora.Timing.AFTER_STEP);
    }

    private static void fill(NDArray target, float[] values) {
        try (var scratch = target.getManager().newSubManager();
                var alias = target.stopGradient()) {
            alias.set(
                    new NDIndex("..."),
                    scratch.create(values, target.getShape()).toType(target.getDataType(), false));
        }
    }

    /** The factors of the file as the start of the pairs. */
    private record Read(Map<String, PairValues> values) implements Initialization {

        @Override
        public Factors start(
                String path,
                AdaptableLinear layer,
                int rank,
                double scaling,
                SplittableRandom random) {
            return new Factors(values.get(path).loraA(), values.get(path).loraB());
        }

        /** Whatever the tensors have: their shapes were compared with the configuration's rank. */
        @Override
        public long largestRank(AdaptableLinear layer) {
            return Long.MAX_VALUE;
        }

        @Override
        public String toString() {
            return "read from a file";
        }
    }
}
