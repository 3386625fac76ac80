package org.lowrank.adapter.kind;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import org.lowrank.engine.Arrays;
import org.lowrank.engine.GraphConstants;

/**
 * Smoothed importance and uncertainty of every entry of one AdaLoRA pair, in float64 on the pair's
 * device. See {@link RankAllocator} for the equations.
 */
final class Importance {

    /** β₁, 1-β₁, β₂ and 1-β₂ as scalars. */
    record Betas(NDArray first, NDArray oneMinusFirst, NDArray second, NDArray oneMinusSecond) {

        static Betas of(AdaLora settings, NDManager owner) {
            return new Betas(
                    GraphConstants.scalar(owner, settings.beta1(), DataType.FLOAT64),
                    GraphConstants.scalar(owner, 1 - settings.beta1(), DataType.FLOAT64),
                    GraphConstants.scalar(owner, settings.beta2(), DataType.FLOAT64),
                    GraphConstants.scalar(owner, 1 - settings.beta2(), DataType.FLOAT64));
        }
    }

    private final int rank;
    private final Smoothed ofA;
    private final Smoothed ofB;
    private final Smoothed ofE;

    /**
     * @param owner lives as long as the adapter
     */
    Importance(AdaLoraAdapter adapter, NDManager owner) {
        rank = (int) adapter.pair().rank();
        ofA = new Smoothed(adapter.pair().loraA(), owner);
        ofB = new Smoothed(adapter.pair().loraB(), owner);
        ofE = new Smoothed(adapter.singularValues(), owner);
    }

    int rank() {
        return rank;
    }

    /** Copies the gradients as they stand: clipping may change them before they are measured. */
    void keepGradients() {
        ofA.keepGradient();
        ofB.keepGradient();
        ofE.keepGradient();
    }

    /** Takes in the weights as they stand with the gradients that were kept. */
    void update(Betas betas) {
        ofA.update(betas);
        ofB.update(betas);
        ofE.update(betas);
    }

    /** The score of each triplet: E_i, and the means over row i of A and column i of B. */
    double[] scores() {
        try (var scratch = ofE.mean.getManager().newSubManager()) {
            var rowsOfA = ofA.scores(scratch).mean(new int[] {1});
            var columnsOfB = ofB.scores(scratch).mean(new int[] {0});
            return ofE.scores(scratch).add(rowsOfA).add(columnsOfB).toDoubleArray();
        }
    }

    void save(DataOutput target) throws IOException {
        ofA.save(target);
        ofB.save(target);
        ofE.save(target);
    }

    void load(DataInput source) throws IOException {
        ofA.load(source);
        ofB.load(source);
        ofE.load(source);
    }

    /** Ī and Ū of the entries of one array, zero before the first update. */
    private static final class Smoothed {

        private final NDArray weight;
        private final NDArray mean;
        private final NDArray uncertainty;
        private NDArray gradient;

        Smoothed(NDArray weight, NDManager owner) {
            this.weight = weight;
            mean = owner.zeros(weight.getShape(), DataType.FLOAT64);
            uncertainty = owner.zeros(weight.getShape(), DataType.FLOAT64);
        }

        void keepGradient() {
            if (gradient != null) {
                gradient.close(); // of a step that ended before it was measured
            }
            try (var shared = weight.getGradient()) {
                gradient = Arrays.upcast(shared, mean.getManager());
            }
        }

        void update(Betas betas) {
            try (var scratch = mean.getManager().newSubManager()) {
                gradient.attach(scratch);
                var now = Arrays.upcast(weight, scratch).muli(gradient).abs();
                mean.muli(betas.first()).addi(now.mul(betas.oneMinusFirst()));
                var distance = now.subi(mean).abs();
                uncertainty.muli(betas.second()).addi(distance.muli(betas.oneMinusSecond()));
                gradient = null;
            }
        }

        NDArray scores(NDManager scratch) {
            var scores = mean.mul(uncertainty);
            scores.attach(scratch);
            return scores;
        }

        void save(DataOutput target) throws IOException {
            var means = mean.toDoubleArray();
            var uncertainties = uncertainty.toDoubleArray();
            target.writeInt(means.length);
            for (int i = 0; i < means.length; i++) {
                target.writeDouble(means[i]);
                target.writeDouble(uncertainties[i]);
            }
        }

        void load(DataInput source) throws IOException {
            int length = source.readInt();
            if (length != mean.size()) {
                throw new IOException(
                        "the state holds an importance of %s entries, where this model has %s"
                                .formatted(length, mean.size()));
            }
            var means = new double[length];
            var uncertainties = new double[length];
            for (int i = 0; i < length; i++) {
                means[i] = source.readDouble();
                uncertainties[i] = source.readDouble();
            }
            assign(mean, means);
            assign(uncertainty, uncertainties);
        }

        private static void assign(NDArray target, double[] values) {
            try (var read = target.getManager().create(values, target.getShape())) {
                Arrays.assign(target, read);
            }
        }
    }
}
