package org.lowrank.adapter.kind;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.io.DataInput;
import java.io.DataOutput;
import java.util.Collection;
import java.util.List;
import org.lowrank.adapter.LinearAdapter;
import org.lowrank.adapter.StepHook;
import org.lowrank.engine.GraphConstants;

/**
 * The penalty of {@link Experts}: −weight · the mean entropy −Σ_i w_i log w_i of the gates' shares
 * over layers, the positions that they compute, and accumulated batches. It has no state.
 */
final class GateEntropy implements StepHook {

    private final List<ExpertsAdapter> adapters;
    private final NDArray minusWeight;

    GateEntropy(double weight, Collection<LinearAdapter> adapters, NDManager owner) {
        this.adapters = adapters.stream().map(ExpertsAdapter.class::cast).toList();
        var type = this.adapters.get(0).pairs().get(0).loraA().getDataType();
        minusWeight = GraphConstants.scalar(owner, -weight, type);
    }

    @Override
    public NDArray penalty(NDManager step) {
        var entropies = new NDList();
        for (var adapter : adapters) {
            for (var entropy : adapter.takeEntropies()) {
                entropy.attach(step);
                entropies.add(entropy);
            }
        }
        if (entropies.isEmpty()) {
            throw new IllegalStateException(
                    "no training pass has gone through the experts since the last step");
        }
        return NDArrays.stack(entropies).mean().mul(minusWeight);
    }

    @Override
    public void afterBackward(long step) {}

    @Override
    public void afterStep(long step) {}

    @Override
    public void save(DataOutput out) {}

    @Override
    public void load(DataInput in) {}
}
