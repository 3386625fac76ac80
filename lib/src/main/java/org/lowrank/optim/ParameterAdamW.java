package org.lowrank.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/**
 * AdamW over named arrays that are no pairs: heads, norm layers, magnitudes, or every weight in
 * full fine-tuning. PyTorch's semantics (Loshchilov and Hutter, arXiv 1711.05101):
 *
 * <pre>
 *   w = w (1 - lr decay);  m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g²
 *   w = w - lr (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)
 * </pre>
 */
public final class ParameterAdamW implements AutoCloseable {

    private final double beta1;
    private final double beta2;
    private final double epsilon;
    private final double weightDecay;
    private final Map<String, NDArray> firstMoments = new TreeMap<>();
    private final Map<String, NDArray> secondMoments = new TreeMap<>();
    private NDManager manager;
    private long steps;

    /** beta1 0.9, beta2 0.999, epsilon 1e-8. */
    public ParameterAdamW(double weightDecay) {
        this(0.9, 0.999, 1e-8, weightDecay);
    }

    public ParameterAdamW(double beta1, double beta2, double epsilon, double weightDecay) {
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.epsilon = epsilon;
        this.weightDecay = weightDecay;
    }

    /**
     * One step, in place. Every array of {@code parameters} has a gradient of its name; the same
     * names at every step.
     */
    public void step(
            Map<String, NDArray> parameters, Map<String, NDArray> gradients, double learningRate) {
        prepare(parameters);
        steps++;
        var correction1 = 1 - Math.pow(beta1, steps);
        var correction2 = Math.sqrt(1 - Math.pow(beta2, steps));
        parameters.forEach(
                (name, parameter) -> {
                    try (var scope = new NDScope()) {
                        scope.suppressNotUsedWarning();
                        var gradient = gradients.get(name);
                        var m = firstMoments.get(name);
                        var v = secondMoments.get(name);
                        m.muli(beta1).addi(gradient.mul(1 - beta1));
                        v.muli(beta2).addi(gradient.square().mul(1 - beta2));
                        var root = v.sqrt().div(correction2).add(epsilon);
                        // An alias that shares storage: a leaf itself must not be written in place.
                        var w = parameter.stopGradient();
                        if (weightDecay != 0) {
                            w.muli(1 - learningRate * weightDecay);
                        }
                        w.subi(m.div(root).mul(learningRate / correction1));
                    }
                });
    }

    private void prepare(Map<String, NDArray> parameters) {
        if (parameters.isEmpty()) {
            throw new IllegalArgumentException("no parameter to move");
        }
        if (manager == null) {
            manager = parameters.values().iterator().next().getManager().newSubManager();
            parameters.forEach(
                    (name, p) -> {
                        firstMoments.put(name, manager.zeros(p.getShape(), p.getDataType()));
                        secondMoments.put(name, manager.zeros(p.getShape(), p.getDataType()));
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

    /** Reads what {@link #save} wrote, for the same parameters. */
    public void load(DataInput in, Map<String, NDArray> parameters) throws IOException {
        steps = in.readLong();
        int count = in.readInt();
        if (count == 0) {
            return;
        }
        prepare(parameters);
        try (var scratch = manager.newSubManager()) {
            for (int i = 0; i < count; i++) {
                var name = in.readUTF();
                for (var moment : new NDArray[] {firstMoments.get(name), secondMoments.get(name)}) {
                    var bytes = new byte[in.readInt()];
                    in.readFully(bytes);
                    moment.muli(0).addi(NDArray.decode(scratch, bytes));
                }
            }
        }
    }

    @Override
    public void close() {
        if (manager != null) {
            manager.close();
        }
    }

    @Override
    public String toString() {
        return "AdamW(beta1="
                + beta1
                + ", beta2="
                + beta2
                + ", epsilon="
                + epsilon
                + ", weightDecay="
                + weightDecay
                + ")";
    }
}
