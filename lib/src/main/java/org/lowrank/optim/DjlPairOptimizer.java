package org.lowrank.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;

/**
 * Any {@link PairOptimizer} as the optimizer of a plain DJL {@code Trainer}, for blocks that keep
 * their LoRA factors as parameters. Every other trained parameter moves by AdamW in PyTorch's
 * semantics.
 *
 * <pre>
 *   var optimizer = DjlPairOptimizer.of(ParameterPair.of(block, scaling),
 *           OptimizerRegistry.create("lora_pro"), Tracker.fixed(1e-3f), AdamWSettings.DEFAULT);
 *   var config = new DefaultTrainingConfig(loss).optOptimizer(optimizer);
 * </pre>
 *
 * <p>A DJL trainer hands over one parameter at a time, under an id, in no particular order. This
 * keeps a copy of each gradient of a pair and moves all pairs together once the last one has come.
 * Like DJL's own optimizers it sets the gradient of a parameter to zero when it has taken it. The
 * learning rate of step t is {@code tracker.getNewValue(t)}, from t = 1.
 *
 * <p>One device. DJL's weight decay and gradient clipping are not used: decay is an option of the
 * pair optimizer and of {@link AdamWSettings}.
 */
public final class DjlPairOptimizer extends Optimizer implements AutoCloseable {

    private static final class Base extends OptimizerBuilder<Base> {
        @Override
        protected Base self() {
            return this;
        }
    }

    /** Pairs of one shape: their parameters, and the arrays that the optimizer moves. */
    private record Group(List<ParameterPair> pairs, PairStack stack) {}

    private final List<ParameterPair> pairs;
    private final PairOptimizer pairOptimizer;
    private final Tracker learningRate;
    private final AdamWSettings others;
    private final Map<String, String> nameById = new LinkedHashMap<>();
    private final Map<String, NDArray> weights = new HashMap<>();
    private final Map<String, NDArray> gradients = new HashMap<>();
    private final Map<String, ParameterAdamW> otherOptimizers = new HashMap<>();
    private final Map<String, Integer> otherSteps = new HashMap<>();
    private List<Group> groups;
    private NDManager manager;
    private int steps;

    private DjlPairOptimizer(
            List<ParameterPair> pairs,
            PairOptimizer pairOptimizer,
            Tracker learningRate,
            AdamWSettings others) {
        super(new Base());
        this.pairs = List.copyOf(pairs);
        this.pairOptimizer = pairOptimizer;
        this.learningRate = learningRate;
        this.others = others;
        for (var pair : pairs) {
            name(pair.loraA().getId(), pair.path() + ".lora_A");
            name(pair.loraB().getId(), pair.path() + ".lora_B");
        }
    }

    private void name(String id, String name) {
        if (nameById.put(id, name) != null) {
            throw new IllegalArgumentException(
                    "the parameter " + name + " is given twice; a step would move it twice");
        }
    }

    /**
     * @param pairs the factors of every adapter, see {@link ParameterPair#of}
     * @param pairOptimizer moves them; closed with this
     * @param learningRate of all parameters
     * @param others for the parameters that belong to no pair
     * @throws IllegalArgumentException if there is no pair or a parameter is in two
     */
    public static DjlPairOptimizer of(
            List<ParameterPair> pairs,
            PairOptimizer pairOptimizer,
            Tracker learningRate,
            AdamWSettings others) {
        if (pairs.isEmpty()) {
            throw new IllegalArgumentException(
                    "there is no adapter pair to move; without one, use DJL's own optimizers");
        }
        return new DjlPairOptimizer(pairs, pairOptimizer, learningRate, others);
    }

    /** Called by the trainer for one parameter. */
    @Override
    public void update(String parameterId, NDArray weight, NDArray gradient) {
        if (!nameById.containsKey(parameterId)) {
            updateOther(parameterId, weight, gradient);
            return;
        }
        if (gradients.containsKey(parameterId)) {
            throw new IllegalStateException(
                    "a second gradient of "
                            + nameById.get(parameterId)
                            + " came before the first one of "
                            + missing()
                            + ". Every pair must take part in every forward pass, be unfrozen, and"
                            + " live on one device");
        }
        // The trainer closes the gradient when this call returns.
        var kept = gradient.duplicate();
        kept.detach();
        gradients.put(parameterId, kept);
        weights.put(parameterId, weight);
        AdapterSet.zeroGradient(weight);
        if (gradients.size() == nameById.size()) {
            movePairs();
        }
    }

    private List<String> missing() {
        var names = new TreeSet<String>();
        for (var entry : nameById.entrySet()) {
            if (!gradients.containsKey(entry.getKey())) {
                names.add(entry.getValue());
            }
        }
        return List.copyOf(names);
    }

    private void updateOther(String id, NDArray weight, NDArray gradient) {
        var optimizer = otherOptimizers.computeIfAbsent(id, i -> new ParameterAdamW(others));
        float rate = learningRate.getNewValue(otherSteps.merge(id, 1, Integer::sum));
        optimizer.step(Map.of(id, weight), Map.of(id, gradient), rate);
        AdapterSet.zeroGradient(weight);
    }

    private void movePairs() {
        try (var scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            if (groups == null) {
                group();
            }
            var raw = new ArrayList<PairGradient>();
            for (var group : groups) {
                // A checkpoint may have been loaded between steps: the parameters are the truth.
                Batched.assign(group.stack().loraA(), factorsA(group, weights));
                Batched.assign(group.stack().loraB(), factorsB(group, weights));
                raw.add(new PairGradient(factorsA(group, gradients), factorsB(group, gradients)));
            }
            var stacks = groups.stream().map(Group::stack).toList();
            pairOptimizer.step(stacks, raw, learningRate.getNewValue(++steps));
            groups.forEach(this::writeBack);
        } finally {
            gradients.values().forEach(NDArray::close);
            gradients.clear();
        }
    }

    private void group() {
        manager = weights.values().iterator().next().getManager().newSubManager();
        var byShape = new LinkedHashMap<List<Object>, List<ParameterPair>>();
        for (var pair : pairs) {
            var a = weights.get(pair.loraA().getId());
            var b = weights.get(pair.loraB().getId());
            var key = List.<Object>of(a.getShape(), b.getShape(), a.getDataType(), pair.scaling());
            byShape.computeIfAbsent(key, k -> new ArrayList<>()).add(pair);
        }
        groups = byShape.values().stream().map(this::group).toList();
    }

    private Group group(List<ParameterPair> alike) {
        var a = weights.get(alike.get(0).loraA().getId());
        var b = weights.get(alike.get(0).loraB().getId());
        var layers = new Shape(alike.size());
        var stackA = Batched.kept(manager, layers.addAll(a.getShape()), a.getDataType());
        var stackB = Batched.kept(manager, layers.addAll(b.getShape()), b.getDataType());
        var paths = alike.stream().map(ParameterPair::path).toList();
        return new Group(alike, new PairStack(paths, stackA, stackB, alike.get(0).scaling()));
    }

    private static NDArray factorsA(Group group, Map<String, NDArray> arrays) {
        var list = new NDList();
        group.pairs().forEach(p -> list.add(arrays.get(p.loraA().getId()).stopGradient()));
        return NDArrays.stack(list);
    }

    private static NDArray factorsB(Group group, Map<String, NDArray> arrays) {
        var list = new NDList();
        group.pairs().forEach(p -> list.add(arrays.get(p.loraB().getId()).stopGradient()));
        return NDArrays.stack(list);
    }

    private void writeBack(Group group) {
        for (int i = 0; i < group.pairs().size(); i++) {
            var pair = group.pairs().get(i);
            write(weights.get(pair.loraA().getId()), group.stack().loraA().get(i));
            write(weights.get(pair.loraB().getId()), group.stack().loraB().get(i));
        }
    }

    /** Through an alias: a leaf of the graph itself must not be written in place. */
    private static void write(NDArray weight, NDArray values) {
        weight.stopGradient().set(new NDIndex("..."), values);
    }

    /** Frees the states. */
    @Override
    public void close() {
        gradients.values().forEach(NDArray::close);
        gradients.clear();
        pairOptimizer.close();
        otherOptimizers.values().forEach(ParameterAdamW::close);
        if (manager != null) {
            manager.close();
        }
    }

    @Override
    public String toString() {
        return "DjlPairOptimizer("
                + pairOptimizer
                + " on "
                + pairs.size()
                + " pairs, other parameters by ParameterAdamW("
                + others
                + "))";
    }
}
