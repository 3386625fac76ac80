package org.lowrank.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.LongStream;
import org.lowrank.engine.Arrays;
import org.lowrank.engine.HostTrip;
import org.lowrank.linalg.DivergedException;

/**
 * AdamW ({@link AdamWSettings}) over named arrays that are no pairs: heads, norm layers,
 * magnitudes, or every weight in full fine-tuning. PyTorch's semantics (Loshchilov and Hutter,
 * arXiv 1711.05101); DJL's own AdamW places epsilon elsewhere.
 *
 * <p>State: two arrays of the size of each parameter.
 */
public final class ParameterAdamW implements AutoCloseable {

    /** Entries that are moved at a time: 256 KiB of float32. */
    private static final long SLICE = 1 << 16;

    private final AdamWSettings adam;
    private final Map<String, NDArray> firstMoments = new TreeMap<>();
    private final Map<String, NDArray> secondMoments = new TreeMap<>();
    private NDManager manager;
    private long steps;

    /** {@link AdamWSettings#DEFAULT} with this decay. */
    public ParameterAdamW(double weightDecay) {
        this(AdamWSettings.DEFAULT.withWeightDecay(weightDecay));
    }

    public ParameterAdamW(AdamWSettings adam) {
        this.adam = adam;
    }

    /**
     * One step, in place. All parameters move or none does.
     *
     * @param parameters leaves of the graph or plain arrays; the same names at every step
     * @param gradients of every parameter, by its name; not changed and not closed
     * @throws IllegalArgumentException if there is no parameter, one without a gradient of its
     *     shape, or another set of names than before
     * @throws DivergedException if a gradient is not finite; the message names it, and nothing has
     *     changed
     */
    public void step(
            Map<String, NDArray> parameters, Map<String, NDArray> gradients, double learningRate) {
        step(parameters, gradients, name -> learningRate);
    }

    /**
     * As {@link #step(Map, Map, double)}, with a rate for each parameter.
     *
     * @param learningRate of a parameter, by its name
     */
    public void step(
            Map<String, NDArray> parameters,
            Map<String, NDArray> gradients,
            ToDoubleFunction<String> learningRate) {
        var rates = new TreeMap<String, Double>();
        for (var name : parameters.keySet()) {
            double rate = learningRate.applyAsDouble(name);
            Checks.notNegative("learningRate", rate);
            rates.put(name, rate);
        }
        prepare(parameters);
        requireUsable(parameters, gradients);
        steps++;
        try (var scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            var moments = new AdamMoments(manager, adam, steps);
            var descents = new HashMap<Double, Descent>();
            parameters.forEach(
                    (name, p) -> {
                        var descent =
                                descents.computeIfAbsent(
                                        rates.get(name),
                                        rate -> Descent.of(manager, rate, adam.weightDecay()));
                        move(name, p, gradients.get(name), moments, descent);
                    });
        }
    }

    private void move(
            String name, NDArray parameter, NDArray gradient, AdamMoments moments, Descent step) {
        try (var views = new NDScope()) {
            views.suppressNotUsedWarning();
            // An alias that shares storage: a leaf itself must not be written in place.
            var weights = slices(parameter.stopGradient());
            var first = slices(firstMoments.get(name));
            var second = slices(secondMoments.get(name));
            var gradients = slices(gradient);
            for (int i = 0; i < weights.size(); i++) {
                // A scope for each: in full fine-tuning the temporaries of all are too many.
                try (var scope = new NDScope()) {
                    scope.suppressNotUsedWarning();
                    var direction =
                            moments.direction(first.get(i), second.get(i), gradients.get(i));
                    step.apply(weights.get(i), direction);
                }
            }
        }
    }

    /**
     * On a CPU, views of some rows each, so few that all operations of a step find them in the
     * cache: over a whole embedding table each operation would go through memory again. A GPU gains
     * nothing by it and pays for each call, so there it is the whole array.
     */
    private static NDList slices(NDArray array) {
        long rows = array.getShape().dimension() == 0 ? 1 : array.getShape().get(0);
        long each = Math.max(1, SLICE * rows / Math.max(1, array.size()));
        if (each >= rows || array.getDevice().isGpu()) {
            return new NDList(array);
        }
        return array.split(LongStream.iterate(each, at -> at < rows, at -> at + each).toArray());
    }

    private void requireUsable(Map<String, NDArray> parameters, Map<String, NDArray> gradients) {
        var sums = new LinkedHashMap<String, HostTrip.Small>();
        try (var scope = new NDScope();
                var trip = new HostTrip(manager)) {
            scope.suppressNotUsedWarning();
            for (var parameter : parameters.entrySet()) {
                var name = parameter.getKey();
                var gradient = gradients.get(name);
                var shape = parameter.getValue().getShape();
                if (gradient == null || !gradient.getShape().equals(shape)) {
                    throw new IllegalArgumentException(
                            "the gradient of "
                                    + name
                                    + " must have its shape "
                                    + shape
                                    + ", but it is "
                                    + (gradient == null ? "absent" : gradient.getShape()));
                }
                var flat = gradient.reshape(new Shape(1, 1, gradient.size()));
                sums.put(name, trip.down(Arrays.sums(flat)));
            }
            trip.fetch();
        }
        for (var entry : sums.entrySet()) {
            if (!Double.isFinite(entry.getValue().at(0).get(0, 0))) {
                throw new DivergedException(
                        entry.getKey()
                                + ": its gradient is not finite. Look at the loss of"
                                + " this step, lower the learning rate, or clip");
            }
        }
    }

    private void prepare(Map<String, NDArray> parameters) {
        if (parameters.isEmpty()) {
            throw new IllegalArgumentException("there is no parameter to move");
        }
        if (manager == null) {
            manager = parameters.values().iterator().next().getManager().newSubManager();
            parameters.forEach(
                    (name, p) -> {
                        firstMoments.put(name, Arrays.kept(manager, p.getShape(), p.getDataType()));
                        secondMoments.put(
                                name, Arrays.kept(manager, p.getShape(), p.getDataType()));
                    });
        }
        if (!firstMoments.keySet().equals(parameters.keySet())) {
            throw new IllegalArgumentException(
                    "the optimizer was made for "
                            + firstMoments.keySet()
                            + ", not for "
                            + parameters.keySet());
        }
    }

    /** Bytes of the two moments. */
    public long stateBytes() {
        return 2
                * firstMoments.values().stream()
                        .mapToLong(m -> m.size() * m.getDataType().getNumOfBytes())
                        .sum();
    }

    /** Writes moments and step count, bit-exact. */
    public void save(DataOutput out) throws IOException {
        out.writeUTF(toString());
        out.writeLong(steps);
        out.writeInt(firstMoments.size());
        for (var name : firstMoments.keySet()) {
            out.writeUTF(name);
            for (var moment : new NDArray[] {firstMoments.get(name), secondMoments.get(name)}) {
                var bytes = moment.encode();
                out.writeInt(bytes.length);
                out.write(bytes);
            }
        }
    }

    /**
     * Reads what {@link #save} wrote, for the same parameters.
     *
     * @throws IOException if it is the state of other hyper-parameters or other arrays
     */
    public void load(DataInput in, Map<String, NDArray> parameters) throws IOException {
        var written = in.readUTF();
        if (!written.equals(toString())) {
            throw new IOException(
                    "this state was written by "
                            + written
                            + "; "
                            + this
                            + " would go on from it as another method");
        }
        steps = in.readLong();
        int count = in.readInt();
        if (count == 0) {
            return;
        }
        prepare(parameters);
        try (var scratch = manager.newSubManager();
                var scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            for (int i = 0; i < count; i++) {
                var name = in.readUTF();
                read(in, scratch, name, firstMoments.get(name));
                read(in, scratch, name, secondMoments.get(name));
            }
        }
    }

    private static void read(DataInput in, NDManager scratch, String name, NDArray moment)
            throws IOException {
        var bytes = new byte[in.readInt()];
        in.readFully(bytes);
        var values = NDArray.decode(scratch, bytes);
        if (moment == null || !moment.getShape().equals(values.getShape())) {
            throw new IOException(
                    "the state holds a moment "
                            + values.getShape()
                            + " of "
                            + name
                            + ", which this model "
                            + (moment == null ? "does not have" : "has as " + moment.getShape()));
        }
        moment.set(new NDIndex("..."), values);
    }

    @Override
    public void close() {
        if (manager != null) {
            manager.close();
        }
        manager = null;
        firstMoments.clear();
        secondMoments.clear();
    }

    @Override
    public String toString() {
        return "ParameterAdamW(" + adam + ")";
    }
}
