package org.lowrank.pins;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.optim.Optimizers;
import org.lowrank.optim.PairOptimizer;

/**
 * An optimizer with its defaults on three small pairs in two stacks. The one class of these pins
 * that knows how an optimizer is made, stepped, saved and loaded.
 */
final class PinnedOptimizers implements AutoCloseable {

    /** By path, on host: A (r, in) and B (out, r), row by row. */
    private record Group(List<String> paths, int in, int out) {}

    private static final int RANK = 2;
    private static final double SCALING = 2;
    private static final double RATE = 0.01;
    private static final List<Group> GROUPS =
            List.of(
                    new Group(List.of("layer.0.query", "layer.1.query"), 5, 4),
                    new Group(List.of("layer.0.output"), 6, 3));

    private final NDManager manager = NDManager.newBaseManager();
    private final PairOptimizer optimizer;
    private final List<PairStack> stacks = new ArrayList<>();

    /** The optimizer of a name at the given factors. */
    PinnedOptimizers(String name, Map<String, float[]> factors) {
        optimizer = Optimizers.create(name);
        for (var group : GROUPS) {
            stacks.add(
                    new PairStack(
                            group.paths(),
                            stack(group, ".A", factors, new Shape(RANK, group.in())),
                            stack(group, ".B", factors, new Shape(group.out(), RANK)),
                            SCALING));
        }
    }

    static Set<String> names() {
        return Optimizers.names().stream()
                .filter(name -> !Optimizers.isOfThisSession(name))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Option names and defaults, sorted. */
    static Map<String, String> options(String name) {
        var options = new TreeMap<String, String>();
        Optimizers.options(name).forEach((o, value) -> options.put(o, value.toString()));
        return options;
    }

    /** Where every pin starts: no factor is zero. */
    static Map<String, float[]> start() {
        var factors = new TreeMap<String, float[]>();
        for (var group : GROUPS) {
            for (var path : group.paths()) {
                factors.put(path + ".A", uniform(path + ".A", RANK * group.in()));
                factors.put(path + ".B", uniform(path + ".B", RANK * group.out()));
            }
        }
        return factors;
    }

    /** In [-0.5, 0.5), drawn from a name. */
    private static float[] uniform(String name, int size) {
        var random = new java.util.Random(name.hashCode());
        var values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return values;
    }

    private NDArray stack(Group group, String factor, Map<String, float[]> all, Shape shape) {
        var slices = group.paths().stream().map(path -> all.get(path + factor)).toList();
        return array(slices, shape);
    }

    private NDArray array(List<float[]> slices, Shape shape) {
        var values = new float[slices.size() * slices.get(0).length];
        for (int i = 0; i < slices.size(); i++) {
            System.arraycopy(
                    slices.get(i),
                    0,
                    values,
                    i * slices.get(i).length,
                    values.length / slices.size());
        }
        try (var flat = manager.create(values)) {
            return flat.reshape(new Shape(slices.size()).addAll(shape)).duplicate();
        }
    }

    /** The factors now, PATH.A and PATH.B. */
    Map<String, float[]> factors() {
        var factors = new TreeMap<String, float[]>();
        for (var stack : stacks) {
            put(factors, stack, ".A", stack.loraA());
            put(factors, stack, ".B", stack.loraB());
        }
        return factors;
    }

    private static void put(
            Map<String, float[]> factors, PairStack stack, String factor, NDArray stacked) {
        for (int i = 0; i < stack.size(); i++) {
            try (var slice = stacked.get(i)) {
                factors.put(stack.paths().get(i) + factor, slice.toFloatArray());
            }
        }
    }

    /**
     * The step of a number: gᴬ = s BᵀG and gᴮ = s G Aᵀ of a G that is drawn from it, on the host.
     */
    void step(int number) {
        var now = factors();
        var raw = new ArrayList<PairGradient>();
        for (var group : GROUPS) {
            var a = new ArrayList<float[]>();
            var b = new ArrayList<float[]>();
            for (var path : group.paths()) {
                var full = uniform(path + " " + number, group.out() * group.in());
                a.add(gradientA(now.get(path + ".B"), full, group));
                b.add(gradientB(now.get(path + ".A"), full, group));
            }
            raw.add(
                    new PairGradient(
                            array(a, new Shape(RANK, group.in())),
                            array(b, new Shape(group.out(), RANK))));
        }
        optimizer.step(stacks, raw, RATE);
        raw.forEach(PairGradient::close);
    }

    private static float[] gradientA(float[] b, float[] full, Group group) {
        var gradient = new float[RANK * group.in()];
        for (int k = 0; k < RANK; k++) {
            for (int j = 0; j < group.in(); j++) {
                double sum = 0;
                for (int i = 0; i < group.out(); i++) {
                    sum += SCALING * b[i * RANK + k] * full[i * group.in() + j];
                }
                gradient[k * group.in() + j] = (float) sum;
            }
        }
        return gradient;
    }

    private static float[] gradientB(float[] a, float[] full, Group group) {
        var gradient = new float[group.out() * RANK];
        for (int i = 0; i < group.out(); i++) {
            for (int k = 0; k < RANK; k++) {
                double sum = 0;
                for (int j = 0; j < group.in(); j++) {
                    sum += SCALING * full[i * group.in() + j] * a[k * group.in() + j];
                }
                gradient[i * RANK + k] = (float) sum;
            }
        }
        return gradient;
    }

    byte[] save() throws IOException {
        var bytes = new ByteArrayOutputStream();
        optimizer.save(new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    void load(byte[] state) throws IOException {
        optimizer.load(new DataInputStream(new ByteArrayInputStream(state)), stacks);
    }

    @Override
    public void close() {
        optimizer.close();
        manager.close();
    }
}
