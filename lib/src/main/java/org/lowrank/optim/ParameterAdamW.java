package org.lowrank.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.lowrank.engine.Arrays;
import org.lowrank.engine.HostTrip;
import org.lowrank.linalg.DivergedException;

/**
 * AdamW ({@link AdamMoments}, {@link Decay}) over named arrays that are no pairs: heads, norm
 * layers, magnitudes, or every weight in full fine-tuning. PyTorch's semantics (Loshchilov and
 * Hutter, arXiv 1711.05101); DJL's own AdamW places epsilon elsewhere.
 *
 * <p>State: two arrays of the size of each parameter.
 */
public final class ParameterAdamW implements AutoCloseable {

    private final AdamMoments moments;
    private final Decay decay;
    private final InPlace chain;

    /** By parameter, then by name of the array. */
    private final Map<String, Map<String, NDArray>> kept = new TreeMap<>();

    private NDManager manager;
    private long steps;

    /** {@link AdamMoments#DEFAULT} with this decay. */
    public ParameterAdamW(double weightDecay) {
        this(AdamMoments.DEFAULT, new Decay(weightDecay));
    }

    public ParameterAdamW(AdamMoments moments, Decay decay) {
        this.moments = moments;
        this.decay = decay;
        chain = new InPlace(List.of(moments, decay));
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
        requireFinite(gradients);
        stepOnFinite(parameters, gradients, learningRate);
    }

    /**
     * {@link #step(Map, Map, ToDoubleFunction)} on gradients that were seen to be finite, as by a
     * finite norm: they are not looked at again, which on a GPU would wait for the device.
     */
    public void stepOnFinite(
            Map<String, NDArray> parameters,
            Map<String, NDArray> gradients,
            ToDoubleFunction<String> learningRate) {
        var rates = new TreeMap<String, Double>();
        for (var name : parameters.keySet()) {
            double rate = learningRate.applyAsDouble(name);
            PairOptimizer.requireRate(rate);
            rates.put(name, rate);
        }
        prepare(parameters);
        requireUsable(parameters, gradients);
        steps++;
        try (var scope = new NDScope();
                var constants = new StepConstants(manager)) {
            scope.suppressNotUsedWarning();
            parameters.forEach(
                    (name, p) -> move(name, p, gradients.get(name), rates.get(name), constants));
        }
    }

    private void move(
            String name, NDArray p, NDArray gradient, double rate, StepConstants constants) {
        // An alias that shares storage: a leaf itself must not be written in place.
        var whole = new FactorStep(constants, p.stopGradient(), steps, rate, kept.get(name)::get);
        chain.move(List.of(whole), List.of(gradient));
    }

    private static void requireUsable(
            Map<String, NDArray> parameters, Map<String, NDArray> gradients) {
        for (var parameter : parameters.entrySet()) {
            var gradient = gradients.get(parameter.getKey());
            var shape = parameter.getValue().getShape();
            if (gradient == null || !gradient.getShape().equals(shape)) {
                throw new IllegalArgumentException(
                        "the gradient of "
                                + parameter.getKey()
                                + " must have its shape "
                                + shape
                                + ", but it is "
                                + (gradient == null ? "absent" : gradient.getShape()));
            }
        }
    }

    private static void requireFinite(Map<String, NDArray> gradients) {
        if (gradients.isEmpty()) {
            return;
        }
        var sums = new LinkedHashMap<String, HostTrip.Small>();
        try (var scope = new NDScope();
                var trip = new HostTrip(gradients.values().iterator().next().getManager())) {
            scope.suppressNotUsedWarning();
            gradients.forEach(
                    (name, gradient) -> {
                        var flat = gradient.reshape(new Shape(1, 1, gradient.size()));
                        sums.put(name, trip.down(Arrays.sums(flat)));
                    });
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
                        var arrays = new LinkedHashMap<String, NDArray>();
                        for (var kind : moments.names()) {
                            arrays.put(kind, Arrays.kept(manager, p.getShape(), p.getDataType()));
                        }
                        kept.put(name, arrays);
                    });
        }
        if (!kept.keySet().equals(parameters.keySet())) {
            throw new IllegalArgumentException(
                    "the optimizer was made for %s, not for %s"
                            .formatted(kept.keySet(), parameters.keySet()));
        }
    }

    /** Bytes of the moments. */
    public long stateBytes() {
        return kept.values().stream()
                .flatMap(arrays -> arrays.values().stream())
                .mapToLong(m -> m.size() * m.getDataType().getNumOfBytes())
                .sum();
    }

    /** Writes moments and step count, bit-exact. */
    public void save(DataOutput out) throws IOException {
        out.writeUTF(toString());
        out.writeLong(steps);
        out.writeInt(kept.size());
        for (var parameter : kept.entrySet()) {
            out.writeUTF(parameter.getKey());
            for (var moment : parameter.getValue().values()) {
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
                    "this state was written by %s; %s would go on from it as another method"
                            .formatted(written, this));
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
                for (var kind : moments.names()) {
                    read(in, scratch, name, kept.getOrDefault(name, Map.of()).get(kind));
                }
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
        Arrays.assign(moment, values);
    }

    @Override
    public void close() {
        if (manager != null) {
            manager.close();
        }
        manager = null;
        kept.clear();
    }

    @Override
    public String toString() {
        return "ParameterAdamW(beta1=%s, beta2=%s, epsilon=%s, weightDecay=%s)"
                .formatted(
                        moments.beta1(), moments.beta2(), moments.epsilon(), decay.weightDecay());
    }
}
