package org.lowrank.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.lowrank.engine.Arrays;

/**
 * All adapters of a model. Pairs of equal shape and scaling are one array a factor ({@link
 * PairStack}), which is what an optimizer moves; each layer holds leaves of the graph that share
 * storage with it.
 */
public final class AdapterSet implements AutoCloseable {

    private final AdaptableModel model;
    private final LoraConfig config;
    private final LayerKind kind;
    private final NDManager manager;
    private final CorrectedBase correctedBase;
    private final List<PairGroup> groups;
    private final Map<String, LinearAdapter> adapters;
    private final StepHook stepHook;
    private MergedWeights merged;
    private String root;
    private boolean closed;
    private boolean differentiatesA = true;
    private boolean differentiatesB = true;

    AdapterSet(
            AdaptableModel model,
            LoraConfig config,
            LayerKind kind,
            NDManager manager,
            Injection injection) {
        this.model = model;
        this.config = config;
        this.kind = kind;
        this.manager = manager;
        correctedBase = injection.correctedBase();
        groups = injection.groups();
        adapters = injection.adapters();
        stepHook = injection.stepHook();
    }

    /**
     * Attaches an adapter to every linear map that the configuration targets. Apart from {@link
     * LoraConfig#modulesToSave} the base is not trained, and it stays as it is unless the
     * initialisation corrects it.
     *
     * @param seed each pair draws from its own source, seeded by this and its path, so that the
     *     start of a pair does not depend on which other modules are targeted
     * @throws IllegalArgumentException if a target is not in the model, the rank exceeds min(out,
     *     in) of a target, or the kind cannot start in the way asked for; nothing is attached then
     */
    public static AdapterSet inject(AdaptableModel model, LoraConfig config, long seed) {
        return inject(model, config, StartContext.of(seed));
    }

    /** As {@link #inject(AdaptableModel, LoraConfig, long)}, with all that a run knows. */
    public static AdapterSet inject(AdaptableModel model, LoraConfig config, StartContext context) {
        return inject(model, config, config.kind(), config.start(), context);
    }

    /**
     * The same with a kind and a start that the configuration does not name, such as factors that
     * were read from a file.
     */
    public static AdapterSet inject(
            AdaptableModel model,
            LoraConfig config,
            LayerKind kind,
            Initialization start,
            StartContext context) {
        return new Injection(model, config, kind, start, context).attached();
    }

    public AdaptableModel model() {
        return model;
    }

    public LoraConfig config() {
        return config;
    }

    /** What stands before the paths in the file that was read ({@code bert}); null if none was. */
    public String root() {
        return root;
    }

    /** The adapters were read from a file that has its paths under this root. */
    public void nameUnder(String newRoot) {
        root = newRoot;
    }

    public LayerKind kind() {
        return kind;
    }

    /** What the layer kind adds to a training step, if anything: a loop must call it. */
    public Optional<StepHook> stepHook() {
        return Optional.ofNullable(stepHook);
    }

    /** Every pair, grouped by shape. */
    public List<PairStack> stacks() {
        return groups.stream().map(PairGroup::stack).toList();
    }

    public Map<String, LinearAdapter> adapters() {
        return Collections.unmodifiableMap(adapters);
    }

    /** Every pair, in the order of the stacks. */
    public List<LoraPair> pairs() {
        return groups.stream().flatMap(g -> g.pairs().stream()).toList();
    }

    /**
     * The arrays of the base that are trained and saved whole: those of {@link
     * LoraConfig#modulesToSave}, by name.
     */
    public Map<String, NDArray> modulesToSave() {
        return modulesToSave(config.modulesToSave());
    }

    /**
     * The arrays of the given modules of the base, by name.
     *
     * @throws IllegalArgumentException if the model has no such module
     */
    public Map<String, NDArray> modulesToSave(List<String> modules) {
        modules.forEach(module -> ModulesToSave.check(model, module));
        return ModulesToSave.select(model, modules);
    }

    /** True if the initialisation replaced W0 by W0 - s B A. */
    public boolean hasCorrectedBase() {
        return !correctedBase.isEmpty();
    }

    /**
     * The pair that has the effect of the adapter on the original base: the pair itself, or [A; A0]
     * and [B, -B0] of rank 2r where A0 and B0 were taken out of W0.
     *
     * @param owner of the arrays, where they are new
     */
    public LoraPair differenceForm(String path, NDManager owner) {
        return correctedBase.difference(adapters.get(path).pair(), owner);
    }

    /**
     * Short names that target exactly the adapted modules of this model, or their full paths where
     * short names would target more.
     */
    public List<String> targetNames() {
        return TargetModules.names(model.linears().keySet(), adapters.keySet());
    }

    /**
     * The gradients that have accumulated, stacked as {@link #stacks()}; null for a factor that is
     * not differentiated.
     *
     * @param owner what the arrays are attached to
     */
    public List<PairGradient> gradients(NDManager owner) {
        return groups.stream()
                .map(g -> g.gradients(owner, differentiatesA, differentiatesB))
                .toList();
    }

    /**
     * Which factors the coming passes differentiate: both at first, one in an alternating order,
     * none in an evaluation, which needs no graph.
     */
    public void requireGradients(boolean ofA, boolean ofB) {
        for (var pair : pairs()) {
            pair.loraA().setRequiresGradient(ofA);
            pair.loraB().setRequiresGradient(ofB);
        }
        differentiatesA = ofA;
        differentiatesB = ofB;
    }

    /** Sets the gradients of the differentiated factors to zero, also one that has become NaN. */
    public void zeroGradients() {
        for (var pair : pairs()) {
            if (differentiatesA) {
                Arrays.zeroGradient(pair.loraA());
            }
            if (differentiatesB) {
                Arrays.zeroGradient(pair.loraB());
            }
        }
    }

    /**
     * Puts every adapter into its weight, W = W0 + ΔW in float64 rounded once, and takes it off:
     * the model computes what it did, without the adapter's cost. W0 is kept for {@link #unmerge}.
     *
     * @throws IllegalStateException if the adapters are merged already, or a merged weight would
     *     not be finite; nothing is merged then
     */
    public MergeReport merge() {
        require(merged == null, "the adapters are merged already");
        require(
                adapters.keySet().stream()
                        .noneMatch(p -> model.linears().get(p).weight().isFixed()),
                "the base is held in few bits, which nothing is merged into: open it in precision"
                        + " float32 to merge, or compute with the adapters as they are");
        merged = new MergedWeights(manager);
        try {
            return merged.merge(adapters, model.linears());
        } catch (IllegalStateException e) {
            unmerge();
            throw e;
        }
    }

    /**
     * Undoes {@link #merge}: every W0 is back bit for bit, every adapter is attached.
     *
     * @throws IllegalStateException if the adapters are not merged
     */
    public MergeReport unmerge() {
        require(merged != null, "the adapters are not merged");
        var report = merged.unmerge(adapters, model.linears());
        merged = null;
        return report;
    }

    /** Merges for good and frees the adapters: what is left is a plain model with new weights. */
    public MergeReport mergeAndUnload() {
        var report = merge();
        free();
        return report;
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalStateException(message);
        }
    }

    /** The number of trained values: pairs and extra parameters. */
    public long trainableCount() {
        long ofPairs = stacks().stream().mapToLong(s -> s.loraA().size() + s.loraB().size()).sum();
        return adapters.values().stream()
                .flatMap(adapter -> adapter.extraParameters().values().stream())
                .mapToLong(NDArray::size)
                .reduce(ofPairs, Long::sum);
    }

    /**
     * PEFT's line: {@code trainable params: N || all params: M || trainable%: x}. The head is not
     * counted as trained.
     */
    public String trainableSummary() {
        long trainable = trainableCount();
        long all = trainable + model.parameterCount();
        return String.format(
                Locale.ROOT,
                "trainable params: %,d || all params: %,d || trainable%%: %.4f",
                trainable,
                all,
                100.0 * trainable / all);
    }

    /**
     * Takes the adapters off the model and frees them; the model is the base again, bit for bit,
     * but for the arrays of {@link LoraConfig#modulesToSave}, which stay as they were trained.
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        if (merged != null) {
            unmerge();
        }
        adapters.forEach(
                (path, adapter) -> {
                    var layer = model.linears().get(path);
                    if (layer.adapter() == adapter) {
                        layer.detach();
                    }
                });
        correctedBase.restore(model.linears());
        free();
    }

    private void free() {
        closed = true;
        adapters.values().forEach(LinearAdapter::close);
        manager.close();
    }
}
