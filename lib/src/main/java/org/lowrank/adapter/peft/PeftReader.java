package org.lowrank.adapter.peft;

import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.AdaptableModel;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.Initialization;
import org.lowrank.adapter.LayerKind;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.adapter.ModulesToSave;
import org.lowrank.adapter.StartContext;
import org.lowrank.adapter.kind.AdaLora;
import org.lowrank.config.Choice;
import org.lowrank.engine.Arrays;
import org.lowrank.weights.MalformedFileException;

/** Reads one folder and attaches what it holds. */
final class PeftReader {

    private final Path folder;
    private final Path configFile;
    private final AdaptableModel model;
    private final PeftConfig config;

    PeftReader(Path folder, AdaptableModel model) throws IOException {
        this.folder = folder;
        this.model = model;
        configFile = folder.resolve(PeftAdapter.CONFIG);
        config = PeftConfig.read(configFile);
    }

    AdapterSet read() throws IOException {
        try {
            return attach();
        } catch (IllegalArgumentException e) { // what the configuration asks for cannot be had
            throw refusal("adapter", e.getMessage());
        }
    }

    private AdapterSet attach() throws IOException {
        try (var source = AdapterFolder.weights(folder)) {
            var tensors = new AdapterTensors(source.file(), source);
            var paths = new PathsInFile(tensors, model);
            var whole = readWhole(tensors, paths);
            var loraConfig = loraConfig(paths, modulesToSave(paths, whole.keySet()));
            var kind = loraConfig.kind();
            var values = readPairs(tensors, paths, loraConfig, kind);
            var set =
                    AdapterSet.inject(
                            model, loraConfig, kind, new Read(values), StartContext.of(0));
            set.adapters()
                    .forEach(
                            (path, adapter) ->
                                    adapter.extraParameters()
                                            .values()
                                            .forEach(
                                                    p ->
                                                            Arrays.assign(
                                                                    p, values.get(path).extra())));
            set.nameUnder(paths.root());
            whole.forEach((name, array) -> Arrays.assign(model.parameters().get(name), array));
            return set;
        }
    }

    private Map<String, PairValues> readPairs(
            AdapterTensors tensors, PathsInFile paths, LoraConfig loraConfig, LayerKind kind)
            throws IOException {
        var kept = config.isAdaptive() ? config.keptTriplets() : null;
        var values = new LinkedHashMap<String, PairValues>();
        for (var entry : paths.pairs().entrySet()) {
            var path = entry.getKey();
            var layer = model.linears().get(path);
            var shape = new PairValues.Shape(layer, loraConfig.rank(path));
            values.put(path, PairValues.read(tensors, entry.getValue(), shape, kind, kept));
        }
        return values;
    }

    /** The arrays that are saved whole, by the model's names. */
    private Map<String, float[]> readWhole(AdapterTensors tensors, PathsInFile paths)
            throws IOException {
        var values = new LinkedHashMap<String, float[]>();
        for (var inFile : tensors.whole()) {
            model.untie(inFile);
            var name = paths.inModel(inFile, model.parameters()::containsKey);
            var array = model.parameters().get(name);
            if (array == null) {
                throw tensors.refusal(PeftKey.PREFIX + inFile, "the model has no such parameter");
            }
            if (isBaseAsItIs(tensors, inFile, name)) {
                continue;
            }
            ModulesToSave.requirePlain(model, name);
            var shape = LongStream.of(array.getShape().getShape()).boxed().toList();
            if (values.put(name, tensors.readWhole(inFile, shape)) != null) {
                throw tensors.refusal(PeftKey.PREFIX + inFile, "is there twice for the model");
            }
        }
        return values;
    }

    /** A table that carries an adapter is in PEFT's file too: in few bits it stays as it is. */
    private boolean isBaseAsItIs(AdapterTensors tensors, String inFile, String name)
            throws IOException {
        var linear = model.linears().get(name.replaceFirst("\\.weight$", ""));
        if (linear == null || !name.endsWith(".weight") || !linear.weight().isFixed()) {
            return false;
        }
        var shape = LongStream.of(linear.storedShape().getShape()).boxed().toList();
        var weight = linear.weight().asHead();
        try (var dense = weight.dense(linear.manager(), DataType.FLOAT32)) {
            var saved = tensors.readWhole(inFile, shape);
            return java.util.Arrays.equals(dense.toFloatArray(), saved);
        }
    }

    /**
     * The modules that the configuration lists and the model has, and what else is in the file:
     * biases of the base, alone. PEFT lists {@code classifier} and {@code score} for every
     * classifier, whichever of them there is, and takes the modules whose path ends so.
     *
     * @param inFile the arrays of the file, by the model's names
     */
    private List<String> modulesToSave(PathsInFile paths, Set<String> inFile) throws IOException {
        var modules = new LinkedHashSet<String>();
        for (var listed : config.listedModules()) {
            var module = paths.inModel(listed, m -> !arrays(m).isEmpty());
            require("modules_to_save", "lists '" + listed + "'", arrays(module), inFile);
            if (!arrays(module).isEmpty()) {
                modules.add(module);
            }
        }
        var listed = ModulesToSave.select(model, List.copyOf(modules)).keySet();
        for (var array : inFile) {
            boolean isBase = paths.pairs().containsKey(array.replaceFirst("\\.weight$", ""));
            if (!listed.contains(array) && !isBase) {
                var module = array.substring(0, Math.max(0, array.lastIndexOf('.')));
                boolean all = !module.isEmpty() && inFile.containsAll(arrays(module));
                modules.add(all ? module : array);
            }
        }
        if (!config.bias().equals("none")) {
            var biases = new LinkedHashSet<String>();
            paths.pairs().keySet().forEach(path -> biases.add(path + ".bias"));
            biases.retainAll(model.parameters().keySet());
            require("bias", "is " + config.bias(), biases, inFile);
        }
        return List.copyOf(modules);
    }

    private Set<String> arrays(String module) {
        return ModulesToSave.select(model, List.of(module)).keySet();
    }

    private void require(String field, String says, Set<String> arrays, Set<String> inFile)
            throws IOException {
        for (var array : arrays) {
            if (!inFile.contains(array)) {
                throw refusal(
                        field,
                        ("%s, but %s has no %s, which would stay as it started; save it, or do not"
                                        + " list it")
                                .formatted(says, PeftAdapter.WEIGHTS, array));
            }
        }
    }

    private MalformedFileException refusal(String field, String reason) {
        return new MalformedFileException(configFile, field, reason);
    }

    private LoraConfig loraConfig(PathsInFile paths, List<String> modules) {
        int rank = config.isAdaptive() ? config.initR() : config.r();
        var plain = new Choice(config.useDora() ? "dora" : "lora", Map.of());
        var inFile =
                LoraConfig.ofRank(rank)
                        .withLayer(config.isAdaptive() ? adaLora(rank).choice() : plain)
                        .withLoraAlpha(config.loraAlpha().doubleValue())
                        .withLoraDropout(config.loraDropout())
                        .withRslora(config.useRslora())
                        .withTargetModules(paths.pairs().keySet().toArray(String[]::new))
                        .withModulesToSave(modules.toArray(String[]::new));
        if (!config.isAdaptive()) {
            // PEFT's AdaLoRA has one rank and one alpha; what it finds here means the kept
            // triplets, or nothing
            inFile = inFile.withPatterns(config.ranks(), config.alphas());
        }
        return withResolvedPatterns(inFile, paths);
    }

    /** Patterns are matched against the paths of the file, prefix included, as PEFT does. */
    private static LoraConfig withResolvedPatterns(LoraConfig inFile, PathsInFile paths) {
        var ranks = new LinkedHashMap<String, Integer>();
        var alphas = new LinkedHashMap<String, Double>();
        paths.pairs().forEach((path, name) -> ranks.put(path, inFile.rank(name)));
        paths.pairs().forEach((path, name) -> alphas.put(path, inFile.loraAlpha(name)));
        return inFile.withPatterns(
                ExactPatterns.of(ranks, inFile.rank()),
                ExactPatterns.of(alphas, inFile.loraAlpha()));
    }

    private AdaLora adaLora(int initialRank) {
        return new AdaLora(
                Math.min(config.targetR(), initialRank),
                config.tinit(),
                config.tfinal(),
                config.deltaT(),
                config.totalStep(),
                config.beta1(),
                config.beta2(),
                config.orthRegWeight(),
                AdaLora.Timing.AFTER_STEP);
    }

    /** The factors of the file as the start of the pairs. */
    private record Read(Map<String, PairValues> values) implements Initialization {

        @Override
        public Start start(
                String path,
                AdaptableLinear layer,
                int rank,
                double scaling,
                StartContext context) {
            return new Start(values.get(path).loraA(), values.get(path).loraB());
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
