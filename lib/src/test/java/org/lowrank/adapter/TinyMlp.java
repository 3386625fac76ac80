package org.lowrank.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A small real network for tests: layers {@code block.0.first} and {@code block.0.second} with a
 * tanh between.
 */
public final class TinyMlp implements AdaptableModel, AutoCloseable {

    private final NDManager manager;
    private final Map<String, AdaptableLinear> linears = new LinkedHashMap<>();

    /** Widths {@code in -> hidden -> out}, one block after the other, seeded. */
    public TinyMlp(NDManager parent, int blocks, int in, int hidden, int out, long seed) {
        manager = parent.newSubManager();
        var random = new SplittableRandom(seed);
        for (int i = 0; i < blocks; i++) {
            add("block." + i + ".first", i == 0 ? in : out, hidden, random);
            add("block." + i + ".second", hidden, out, random);
        }
    }

    private void add(String path, int in, int out, SplittableRandom random) {
        var linear = new AdaptableLinear(in, out, true);
        linear.hold(new PlainWeight(uniform(new Shape(out, in), 1 / Math.sqrt(in), random)));
        linear.bias().setArray(uniform(new Shape(out), 1 / Math.sqrt(in), random));
        linears.put(path, linear);
    }

    private NDArray uniform(Shape shape, double bound, SplittableRandom random) {
        var values = new float[Math.toIntExact(shape.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-bound, bound);
        }
        var array = manager.zeros(shape, DataType.FLOAT32);
        try (var scratch = manager.newSubManager()) {
            array.addi(scratch.create(values, shape));
        }
        return array;
    }

    /** (batch, in) to (batch, out). */
    public NDArray forward(NDArray x, boolean training) {
        var hidden = x;
        var layers = List.copyOf(linears.values());
        for (int i = 0; i < layers.size(); i++) {
            hidden = layers.get(i).forward(hidden, training);
            if (i + 1 < layers.size()) {
                hidden = Activation.tanh(hidden);
            }
        }
        return hidden;
    }

    @Override
    public Map<String, AdaptableLinear> linears() {
        return linears;
    }

    @Override
    public Map<String, NDArray> parameters() {
        var all = new LinkedHashMap<String, NDArray>();
        linears.forEach(
                (path, linear) -> {
                    all.put(path + ".weight", linear.weight().stored());
                    all.put(path + ".bias", linear.bias().getArray());
                });
        return all;
    }

    public NDManager manager() {
        return manager;
    }

    @Override
    public void close() {
        manager.close();
    }
}
