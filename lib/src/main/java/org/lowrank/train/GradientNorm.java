package org.lowrank.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.List;

/**
 * The global norm of a step's gradients, and clipping by it (Pascanu et al., arXiv 1211.5063). It
 * comes to the host with the step's losses in one transfer: on a GPU each waits for the device.
 *
 * @param loss the sum of the losses of the step's batches
 * @param norm before clipping
 */
record GradientNorm(double loss, double norm) {

    /**
     * Scales all gradients by maxNorm / norm if their global norm is larger.
     *
     * @param losses of the step's batches, float32, one value each
     * @param maxNorm 0 leaves them as they are
     */
    static GradientNorm clip(List<NDArray> gradients, NDList losses, double maxNorm) {
        try (var scratch = gradients.get(0).getManager().newSubManager()) {
            var wanted = new NDList();
            for (var loss : losses) {
                var value = loss.reshape(new Shape());
                value.attach(scratch);
                wanted.add(value);
            }
            for (var gradient : gradients) {
                try (var square = gradient.square()) {
                    var sum = square.sum();
                    sum.attach(scratch);
                    wanted.add(sum);
                }
            }
            var values = read(wanted);
            double loss = sum(values, 0, losses.size());
            double norm = Math.sqrt(sum(values, losses.size(), values.length));
            if (maxNorm > 0 && norm > maxNorm && Double.isFinite(norm)) {
                gradients.forEach(g -> g.muli((float) (maxNorm / norm)));
            }
            return new GradientNorm(loss, norm);
        }
    }

    private static float[] read(NDList scalars) {
        try (var together = NDArrays.stack(scalars)) {
            return together.toFloatArray();
        }
    }

    private static double sum(float[] values, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += values[i];
        }
        return sum;
    }
}
