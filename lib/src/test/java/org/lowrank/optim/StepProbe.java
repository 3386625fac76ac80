package org.lowrank.optim;

import ai.djl.ndarray.types.DataType;
import org.lowrank.adapter.PairGradient;

/** A process that moves five pairs; what its third and fourth step do is between two marks. */
final class StepProbe {

    private static final int MARKED = 3;

    private StepProbe() {}

    /** Here a step begins. */
    static void begin() {}

    /** Here it has ended. */
    static void end() {}

    /**
     * @param arguments an optimizer's name
     */
    public static void main(String[] arguments) {
        try (var optimizer = Optimizers.create(arguments[0]);
                var pairs = new QuadraticPairs(DataType.FLOAT32, QuadraticPairs.fivePairs(1))) {
            for (int step = 1; step <= MARKED + 1; step++) {
                var gradients = pairs.gradients(1);
                if (step >= MARKED) {
                    begin();
                }
                optimizer.step(pairs.stacks(), gradients, 1e-3);
                if (step >= MARKED) {
                    end();
                }
                gradients.forEach(PairGradient::close);
            }
        }
    }
}
