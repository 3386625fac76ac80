package org.lowrank.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import java.util.List;

/** The global norm of a step's gradients, and clipping by it (Pascanu et al., arXiv 1211.5063). */
final class GradientNorm {

    private GradientNorm() {}

    /**
     * Scales all gradients by maxNorm / norm if their global norm is larger.
     *
     * @param maxNorm 0 leaves them as they are
     * @return the norm before clipping
     */
    static double clip(List<NDArray> gradients, double maxNorm) {
        try (var scratch = gradients.get(0).getManager().newSubManager()) {
            var squares = new NDList();
            for (var gradient : gradients) {
                try (var square = gradient.square()) {
                    var sum = square.sum();
                    sum.attach(scratch);
                    squares.add(sum);
                }
            }
            double norm = Math.sqrt(sum(NDArrays.stack(squares)));
            if (maxNorm > 0 && norm > maxNorm && Double.isFinite(norm)) {
                gradients.forEach(g -> g.muli((float) (maxNorm / norm)));
            }
            return norm;
        }
    }

    private static double sum(NDArray squares) {
        double sum = 0;
        for (float square : squares.toFloatArray()) {
            sum += square;
        }
        squares.close();
        return sum;
    }
}
