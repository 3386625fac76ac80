package org.lowrank.adapter.peft;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LayerKind;
import org.lowrank.adapter.LinearAdapter;
import org.lowrank.adapter.kind.AdaLora;
import org.lowrank.adapter.kind.AdaLoraAdapter;
import org.lowrank.adapter.kind.Dora;
import org.lowrank.adapter.kind.DoraAdapter;
import org.lowrank.adapter.kind.Experts;
import org.lowrank.adapter.kind.Lora;
import org.lowrank.weights.SafetensorsWriter;
import org.lowrank.weights.TensorData;

/** Writes one adapter set. */
final class PeftWriter {

    private final AdapterSet set;
    private final PeftOptions options;
    private final List<String> modulesToSave;
    private final WholeModules whole;

    /** Null for every kind but AdaLoRA. */
    private final TripletsInUse triplets;

    PeftWriter(AdapterSet set, PeftOptions options) {
        this.set = set;
        var modules = new ArrayList<>(set.config().modulesToSave());
        options.modulesToSave().stream().filter(m -> !modules.contains(m)).forEach(modules::add);
        modulesToSave = List.copyOf(modules);
        this.options =
                options.modelPrefix() != null ? options : options.withModelPrefix(root(options));
        checkKind();
        whole = new WholeModules(set, this.options, modulesToSave);
        triplets = set.kind() instanceof AdaLora ? new TripletsInUse(set) : null;
    }

    private void checkKind() {
        var kind = set.kind();
        if (!(kind instanceof Lora
                || isOneExpert(kind)
                || kind instanceof Dora
                || kind instanceof AdaLora)) {
            throw new IllegalArgumentException(
                    "PEFT has no layer kind " + kind + "; it has LoRA, DoRA and AdaLoRA");
        }
    }

    /** One expert has no gate: it is LoRA. */
    private static boolean isOneExpert(LayerKind kind) {
        return kind instanceof Experts && kind.pairsPerLayer() == 1;
    }

    /**
     * That of the file that the adapters were read from; else, and beside a head, that which the
     * whole model gives its body.
     */
    private String root(PeftOptions asked) {
        var root = set.root();
        boolean head = modulesToSave.stream().anyMatch(asked::isHead);
        return root == null || root.isEmpty() && head ? set.model().root() : root;
    }

    void write(Path folder) throws IOException {
        try (var scratch = NDManager.newBaseManager()) {
            var tensors = new TreeMap<String, TensorData>();
            set.adapters().forEach((path, adapter) -> add(tensors, path, adapter, scratch));
            whole.arrays().forEach((key, array) -> tensors.put(key, data(array)));
            SafetensorsWriter.write(folder.resolve(PeftAdapter.WEIGHTS), tensors);
        }
        PeftConfig.of(fields()).write(folder.resolve(PeftAdapter.CONFIG));
    }

    private void add(
            Map<String, TensorData> tensors, String path, LinearAdapter adapter, NDManager owner) {
        var pair = adapter.pair();
        var name = options.inFile(path);
        if (adapter instanceof AdaLoraAdapter adaptive) {
            if (set.model().linears().get(path).patches() != null) {
                throw new IllegalArgumentException(
                        path
                                + " is a convolution, on which PEFT has no AdaLoRA; it has LoRA and DoRA");
            }
            var a = view(pair.loraA(), owner);
            var b = view(pair.loraB(), owner).transpose();
            var e = triplets.singularValues(view(adaptive.singularValues(), owner), path, owner);
            tensors.put(PeftKey.of(name, "lora_A", false), data(triplets.rows(a, path)));
            tensors.put(PeftKey.of(name, "lora_E", false), data(triplets.rows(e, path)));
            tensors.put(
                    PeftKey.of(name, "lora_B", false), data(triplets.rows(b, path).transpose()));
            return;
        }
        var difference = set.differenceForm(path, owner);
        var shape = new PairValues.Shape(set.model().linears().get(path), 0);
        long rank = difference.rank();
        tensors.put(
                PeftKey.of(name, shape.name("A"), !shape.isTable()),
                data(shaped(difference.loraA(), shape.ofA(rank), owner)));
        tensors.put(
                PeftKey.of(name, shape.name("B"), !shape.isTable()),
                data(shaped(difference.loraB(), shape.ofB(rank), owner)));
        if (PeftKey.keepsBase(name)) {
            var weight = set.model().linears().get(path).weight();
            var plain =
                    weight.isFixed()
                            ? weight.asHead().dense(owner, DataType.FLOAT32)
                            : weight.stored();
            tensors.put(PeftKey.PREFIX + name + PeftKey.BASE_WEIGHT, data(plain));
        }
        if (adapter instanceof DoraAdapter) {
            var m = adapter.extraParameters().get(DoraAdapter.MAGNITUDE);
            tensors.put(
                    PeftKey.of(name, DoraAdapter.MAGNITUDE, false),
                    data(shaped(m, shape.ofMagnitude(), owner)));
        }
    }

    /** The same values; what is made from them ends with the owner, not with the adapter. */
    private static NDArray view(NDArray array, NDManager owner) {
        var view = array.stopGradient();
        view.attach(owner);
        return view;
    }

    /** The same values in the shape that PEFT has. */
    private static NDArray shaped(NDArray array, long[] shape, NDManager owner) {
        var view = view(array, owner);
        return view.reshape(shape);
    }

    private static TensorData data(NDArray array) {
        return TensorData.of(array);
    }

    private Map<String, Object> fields() {
        var config = set.config();
        boolean doubled = set.hasCorrectedBase();
        var fields = new TreeMap<String, Object>();
        fields.put("peft_type", "LORA");
        fields.put("base_model_name_or_path", options.baseModel());
        fields.put("task_type", options.taskType());
        fields.put("lora_dropout", config.loraDropout());
        fields.put("target_modules", set.targetNames());
        fields.put("modules_to_save", whole.listed());
        fields.put("bias", whole.bias());
        fields.put("use_rslora", config.useRslora());
        fields.put("use_dora", set.kind() instanceof Dora);
        // [A; A0] and [B, -B0] have rank 2r; alpha grows so that s stays
        double growth = doubled ? config.useRslora() ? Math.sqrt(2) : 2 : 1;
        fields.put("lora_alpha", whole(config.loraAlpha() * growth));
        if (set.kind() instanceof AdaLora adaptive) {
            putAdaLora(fields, adaptive);
            return fields;
        }
        fields.put("r", doubled ? 2 * config.rank() : config.rank());
        putPatterns(fields, doubled ? 2 : 1, growth);
        return fields;
    }

    /** What each pair has, by the path that PEFT will look it up with. */
    private void putPatterns(Map<String, Object> fields, int ranksGrow, double alphasGrow) {
        var config = set.config();
        var ranks = new LinkedHashMap<String, Integer>();
        var alphas = new LinkedHashMap<String, Number>();
        for (var path : set.adapters().keySet()) {
            ranks.put(options.inFile(path), ranksGrow * config.rank(path));
            alphas.put(options.inFile(path), whole(config.loraAlpha(path) * alphasGrow));
        }
        var alpha = whole(config.loraAlpha() * alphasGrow);
        fields.put("rank_pattern", ExactPatterns.of(ranks, ranksGrow * config.rank()));
        fields.put("alpha_pattern", ExactPatterns.of(alphas, alpha));
    }

    private void putAdaLora(Map<String, Object> fields, AdaLora adaptive) {
        fields.put("peft_type", "ADALORA");
        fields.put("init_r", set.config().rank());
        fields.put("target_r", adaptive.targetRank());
        fields.put("tinit", adaptive.tInit());
        fields.put("tfinal", adaptive.tFinal());
        fields.put("deltaT", adaptive.deltaT());
        fields.put("total_step", adaptive.totalSteps());
        fields.put("beta1", adaptive.beta1());
        fields.put("beta2", adaptive.beta2());
        fields.put("orth_reg_weight", adaptive.orthogonalWeight());
        var pattern = new TreeMap<String, Object>();
        triplets.flags()
                .forEach((path, flags) -> pattern.put(options.inFile(path) + ".lora_E", flags));
        fields.put("rank_pattern", pattern.isEmpty() ? null : pattern);
    }

    /** PEFT's alpha is a whole number where it can be. */
    private static Number whole(double value) {
        return value == Math.rint(value) ? (Number) (long) value : (Number) value;
    }
}
