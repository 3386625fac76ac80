package org.lowrank.adapter;

import ai.djl.ndarray.NDArray;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Smoothed importance and uncertainty of every entry of one AdaLoRA pair, in float64 on the host.
 * See {@link RankAllocator} for the equations.
 */
final class Importance {

    private final int rank;
    private final Smoothed ofA = new Smoothed();
    private final Smoothed ofB = new Smoothed();
    private final Smoothed ofE = new Smoothed();

    Importance(int rank) {
        this.rank = rank;
    }

    int rank() {
        return rank;
    }

    /** Takes in the weights and gradients as they stand. */
    void update(AdaLoraAdapter adapter, double beta1, double beta2) {
        ofA.update(adapter.pair().loraA(), beta1, beta2);
        ofB.update(adapter.pair().loraB(), beta1, beta2);
        ofE.update(adapter.singularValues(), beta1, beta2);
    }

    /** The score of each triplet: E_i, and the means over row i of A and column i of B. */
    double[] scores() {
        var scores = new double[rank];
        int in = ofA.size() / rank;
        int out = ofB.size() / rank;
        for (int i = 0; i < rank; i++) {
            double rowOfA = 0;
            for (int j = 0; j < in; j++) {
                rowOfA += ofA.score(i * in + j);
            }
            double columnOfB = 0;
            for (int j = 0; j < out; j++) {
                columnOfB += ofB.score(j * rank + i);
            }
            scores[i] = ofE.score(i) + rowOfA / Math.max(in, 1) + columnOfB / Math.max(out, 1);
        }
        return scores;
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

        private double[] mean = {};
        private double[] uncertainty = {};

        int size() {
            return mean.length;
        }

        double score(int index) {
            return mean.length == 0 ? 0 : mean[index] * uncertainty[index];
        }

        void update(NDArray weight, double beta1, double beta2) {
            float[] w = weight.toFloatArray();
            float[] g;
            try (var gradient = weight.getGradient()) {
                g = gradient.toFloatArray();
            }
            if (mean.length == 0) {
                mean = new double[w.length];
                uncertainty = new double[w.length];
            }
            for (int i = 0; i < w.length; i++) {
                double now = Math.abs((double) w[i] * g[i]);
                mean[i] = beta1 * mean[i] + (1 - beta1) * now;
                uncertainty[i] = beta2 * uncertainty[i] + (1 - beta2) * Math.abs(now - mean[i]);
            }
        }

        void save(DataOutput target) throws IOException {
            target.writeInt(mean.length);
            for (int i = 0; i < mean.length; i++) {
                target.writeDouble(mean[i]);
                target.writeDouble(uncertainty[i]);
            }
        }

        void load(DataInput source) throws IOException {
            int length = source.readInt();
            mean = new double[length];
            uncertainty = new double[length];
            for (int i = 0; i < length; i++) {
                mean[i] = source.readDouble();
                uncertainty[i] = source.readDouble();
            }
        }
    }
}
