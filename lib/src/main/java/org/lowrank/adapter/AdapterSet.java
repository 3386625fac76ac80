package org.lowrank.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * All adapters of a model. Pairs of equal shape are one array a factor ({@link PairStack}), which
 * is what an optimizer moves; each layer holds leaves of the graph that share storage with it.
 */
public final class AdapterSet implements AutoCloseable {

    private final AdaptableModel model;
    private final NDManager manager;
    private final List<PairStack> stacks = new ArrayList<>();
    private final List<List<LoraPair>> pairsOfStack = new ArrayList<>();
    private final Map<String, LinearAdapter> adapters = new LinkedHashMap<>();
    private boolean differentiatesA = true;
    private boolean differentiatesB = true;

    private AdapterSet(AdaptableModel model, NDManager manager) {
        this.model = model;
        this.manager = manager;
    }

    /**
     * Attaches a LoRA adapter to every linear map that the configuration targets. The base stays as
     * it is and is not trained.
     *
     * @param seed each pair draws from its own source, seeded by this and its path, so that the
     *     start of a pair does not depend on which other modules are targeted
     * @throws IllegalArgumentException if a target is not in the model, or the rank exceeds
     *     min(out, in) of a target; nothing is attached then
     */
    public static AdapterSet inject(AdaptableModel model, LoraConfig config, long seed) {
        var linears = model.linears();
        var paths = TargetModules.select(linears.keySet(), config.targetModules());
        var groups = new LinkedHashMap<Shape, List<String>>();
        for (var path : paths) {
            var layer = linears.get(path);
            checkRank(path, layer, config.rank());
            groups.computeIfAbsent(new Shape(layer.out(), layer.in()), s -> new ArrayList<>())
                    .add(path);
        }
        var owner = linears.get(paths.get(0)).manager().newSubManager();
        owner.setName("adapters");
        var set = new AdapterSet(model, owner);
        groups.values().forEach(group -> set.addStack(group, config, seed));
        for (var path : paths) {
            linears.get(path).attach(set.adapters.get(path));
        }
        return set;
    }

    private static void checkRank(String path, AdaptableLinear layer, int rank) {
        var largest = Math.min(layer.in(), layer.out());
        if (rank > largest) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "rank %d is larger than min(out, in) = %d of %s (%d x %d); choose a rank"
                                    + " from 1 to %d",
                            rank,
                            largest,
                            path,
                            layer.out(),
                            layer.in(),
                            largest));
        }
    }

    private void addStack(List<String> paths, LoraConfig config, long seed) {
        var first = model.linears().get(paths.get(0));
        var type = first.weight().getArray().getDataType();
        // zeros + set: storage that the engine owns, not a Java buffer
        var a = manager.zeros(new Shape(paths.size(), config.rank(), first.in()), type);
        var b = manager.zeros(new Shape(paths.size(), first.out(), config.rank()), type);
        var pairs = new ArrayList<LoraPair>();
        for (int i = 0; i < paths.size(); i++) {
            var path = paths.get(i);
            var layer = model.linears().get(path);
            var random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + path.hashCode());
            var start =
                    config.initialization()
                            .start(path, layer, config.rank(), config.scaling(), random);
            fill(a, i, start.loraA());
            fill(b, i, start.loraB());
            var pair = new LoraPair(path, leaf(a, i), leaf(b, i), config.scaling());
            pairs.add(pair);
            adapters.put(path, new LoraAdapter(pair, config.loraDropout(), manager));
        }
        stacks.add(new PairStack(paths, a, b, config.scaling()));
        pairsOfStack.add(pairs);
    }

    private void fill(NDArray stack, int index, float[] values) {
        try (var scratch = manager.newSubManager()) {
            var row = stack.getShape().slice(1);
            var array = scratch.create(values, row).toType(stack.getDataType(), false);
            stack.set(new NDIndex(index), array);
        }
    }

    /** A leaf of the graph that shares storage with one slice of the stack. */
    private static NDArray leaf(NDArray stack, int index) {
        var leaf = stack.get(index).stopGradient();
        leaf.setRequiresGradient(true);
        return leaf;
    }

    /** Every pair, grouped by shape. */
    public List<PairStack> stacks() {
        return List.copyOf(stacks);
    }

    /** The adapters by module path. */
    public Map<String, LinearAdapter> adapters() {
        return Map.copyOf(adapters);
    }

    /** Every pair, in the order of the stacks. */
    public List<LoraPair> pairs() {
        return pairsOfStack.stream().flatMap(List::stream).toList();
    }

    /**
     * The gradients that have accumulated, stacked as {@link #stacks()}; null for a factor that is
     * not differentiated.
     *
     * @param owner what the arrays are attached to
     */
    public List<PairGradient> gradients(NDManager owner) {
        var gradients = new ArrayList<PairGradient>();
        for (var pairs : pairsOfStack) {
            var a = pairs.stream().map(LoraPair::loraA).toList();
            var b = pairs.stream().map(LoraPair::loraB).toList();
            gradients.add(
                    new PairGradient(
                            differentiatesA ? stackGradients(a, owner) : null,
                            differentiatesB ? stackGradients(b, owner) : null));
        }
        return gradients;
    }

    private static NDArray stackGradients(List<NDArray> leaves, NDManager owner) {
        try (var scratch = owner.newSubManager()) {
            var list = new NDList();
            for (var leaf : leaves) {
                var gradient = leaf.getGradient();
                gradient.attach(scratch);
                list.add(gradient);
            }
            var stacked = NDArrays.stack(list);
            stacked.attach(owner);
            return stacked;
        }
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
                zeroGradient(pair.loraA());
            }
            if (differentiatesB) {
                zeroGradient(pair.loraB());
            }
        }
    }

    /** Sets the gradient of a leaf to zero, also one that has become NaN. */
    public static void zeroGradient(NDArray leaf) {
        // The scope frees the scalar that the engine makes of the 0.
        try (var scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            leaf.getGradient().set(new NDIndex("..."), 0);
        }
    }

    /** The number of trained values: pairs and extra parameters. */
    public long trainableCount() {
        long count = 0;
        for (var adapter : adapters.values()) {
            count += adapter.pair().loraA().size() + adapter.pair().loraB().size();
            for (var extra : adapter.extraParameters().values()) {
                count += extra.size();
            }
        }
        return count;
    }

    /**
     * PEFT's line: {@code trainable params: N || all params: M || trainable%: x}. The head is not
     * counted as trained.
     */
    public String trainableSummary() {
        long trainable = trainableCount();
        long all = trainable;
        for (var parameter : model.parameters().values()) {
            all += parameter.size();
        }
        return String.format(
                Locale.ROOT,
                "trainable params: %,d || all params: %,d || trainable%%: %.4f",
                trainable,
                all,
                100.0 * trainable / all);
    }

    /** Takes the adapters off the model and frees them; the model is the base again. */
    @Override
    public void close() {
        for (var path : adapters.keySet()) {
            model.linears().get(path).detach();
        }
        adapters.values().forEach(LinearAdapter::close);
        manager.close();
    }
}
