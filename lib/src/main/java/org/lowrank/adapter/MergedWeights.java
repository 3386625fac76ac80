package org.lowrank.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** Weights that hold their adapters, W = W0 + ΔW, and the W0 that they had. */
final class MergedWeights {

    private static final int PROBES = 8;

    private final NDManager owner;
    private final Map<String, NDArray> originals = new LinkedHashMap<>();

    /**
     * @param parent lives as long as the adapters
     */
    MergedWeights(NDManager parent) {
        owner = parent.newSubManager();
    }

    /** W0 + ΔW in float64, rounded once; the adapters are taken off. */
    MergeReport merge(Map<String, LinearAdapter> adapters, Map<String, AdaptableLinear> linears) {
        var differences = new LinkedHashMap<String, Double>();
        adapters.forEach(
                (path, adapter) -> {
                    var layer = linears.get(path);
                    differences.put(path, difference(layer, () -> merge(path, adapter, layer)));
                });
        return new MergeReport(differences);
    }

    private void merge(String path, LinearAdapter adapter, AdaptableLinear layer) {
        var weight = layer.weight();
        var original = weight.dense(owner, weight.type());
        try (var scratch = owner.newSubManager()) {
            var merged = weight.dense(scratch, DataType.FLOAT64);
            merged.addi(adapter.deltaWeight(layer, scratch));
            if (!Double.isFinite(merged.sum().getDouble())) {
                throw new IllegalStateException(
                        path + ": the merged weight would hold numbers that are not finite");
            }
            weight.replace(merged);
        }
        originals.put(path, original);
        layer.detach();
    }

    /** W0 back, bit for bit, and the adapters on it. */
    MergeReport unmerge(Map<String, LinearAdapter> adapters, Map<String, AdaptableLinear> linears) {
        var differences = new LinkedHashMap<String, Double>();
        originals.forEach(
                (path, original) -> {
                    var layer = linears.get(path);
                    differences.put(
                            path,
                            difference(
                                    layer,
                                    () -> {
                                        layer.weight().replace(original);
                                        layer.attach(adapters.get(path));
                                    }));
                });
        owner.close();
        return new MergeReport(differences);
    }

    /** The largest difference that a change makes to the outputs of a layer. */
    private double difference(AdaptableLinear layer, Runnable change) {
        try (var scratch = owner.getParentManager().newSubManager()) {
            var x = probes(layer, scratch);
            var before = layer.forward(x, false).toType(DataType.FLOAT64, true);
            change.run();
            var after = layer.forward(x, false).toType(DataType.FLOAT64, true);
            return after.sub(before).abs().max().getDouble();
        }
    }

    private static NDArray probes(AdaptableLinear layer, NDManager manager) {
        var random = new SplittableRandom(1);
        if (layer.role() == AdaptableLinear.Role.TABLE) {
            return manager.create(random.longs(PROBES, 0, layer.in()).toArray());
        }
        var shape = layer.inputShape(PROBES);
        var values = new float[Math.toIntExact(shape.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return manager.create(values, shape).toType(layer.weight().type(), false);
    }
}
