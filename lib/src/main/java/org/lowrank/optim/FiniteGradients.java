package org.lowrank.optim;

import ai.djl.ndarray.NDList;
import java.util.ArrayList;
import java.util.List;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;

/** The check of a step whose rule needs no r x r matrices: one number a factor is transferred. */
final class FiniteGradients {

    private FiniteGradients() {}

    static void require(
            List<PairStack> stacks, List<PairGradient> raw, boolean readsA, boolean readsB) {
        var blocks = new ArrayList<NDList>();
        for (var gradient : raw) {
            var arrays = new NDList();
            if (readsA) {
                arrays.add(Batched.largest(gradient.gradA()));
            }
            if (readsB) {
                arrays.add(Batched.largest(gradient.gradB()));
            }
            blocks.add(arrays);
        }
        var host = HostMatrices.fetch(blocks);
        for (int i = 0; i < stacks.size(); i++) {
            for (int layer = 0; layer < stacks.get(i).size(); layer++) {
                var path = stacks.get(i).paths().get(layer);
                if (readsA) {
                    finite(host.number(i, 0, layer), path, "lora_A");
                }
                if (readsB) {
                    finite(host.number(i, readsA ? 1 : 0, layer), path, "lora_B");
                }
            }
        }
    }

    private static void finite(double largest, String path, String factor) {
        if (!Double.isFinite(largest)) {
            throw Refusal.notFinite(path, "the gradient of " + factor);
        }
    }
}
