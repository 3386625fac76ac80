package org.lowrank.optim;

import ai.djl.ndarray.NDArray;
import java.util.List;

/**
 * The end of a chain: stages that treat every factor by itself, and the move of the factors. {@link
 * AdamStage} with {@link Decay} is AdamW, which PyTorch has whole in one pass over memory; any
 * other stages go through it one after the other, part by part.
 */
final class LastStages {

    private final List<FactorStage> stages;

    /** Without those that change nothing. */
    private final List<FactorStage> working;

    LastStages(List<FactorStage> stages) {
        this.stages = List.copyOf(stages);
        working = stages.stream().filter(s -> !(s instanceof Decay d && d.isNone())).toList();
    }

    int size() {
        return stages.size();
    }

    /** Moves every factor by its direction, in place; all at one rate and count. */
    void move(List<FactorStep> factors, List<NDArray> directions) {
        if (factors.isEmpty()) {
            return;
        }
        if (working.isEmpty()) {
            InPlace.descend(factors, directions);
        } else if (isAdamW()) {
            var first = (AdamStage) working.get(0);
            double decay = working.size() == 1 ? 0 : ((Decay) working.get(1)).weightDecay();
            var counted = factors.stream().map(first::counted).toList();
            InPlace.adamW(first.adam(), decay, counted, directions);
        } else {
            for (int i = 0; i < factors.size(); i++) {
                move(factors.get(i), directions.get(i));
            }
        }
    }

    private boolean isAdamW() {
        return working.get(0) instanceof AdamStage
                && (working.size() == 1
                        || working.size() == 2
                                && working.get(1) instanceof Decay decay
                                && decay.form() == Decay.Form.DECOUPLED);
    }

    /** Stage by stage, while the cache still holds the arrays of a slice. */
    private void move(FactorStep factor, NDArray g) {
        factor.inSlices(
                g,
                (slice, own) -> {
                    var direction = own;
                    for (var stage : working) {
                        direction = stage.direction(slice, direction);
                    }
                    InPlace.descend(List.of(slice), List.of(direction));
                });
    }
}
