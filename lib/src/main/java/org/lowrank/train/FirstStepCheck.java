package org.lowrank.train;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.lowrank.adapter.AdaptableModel;
import org.lowrank.adapter.PairStack;
import org.lowrank.engine.Checksums;

/**
 * What must be true after a run's first step, whatever the method: a factor has stayed where its
 * partner was zero (the gradients are s Bᵀg and s g Aᵀ, and LoRA-Pro's X is zero with them), B has
 * moved elsewhere, and no frozen array has changed. A loop that is wired wrongly is told apart here
 * from a method that does not learn.
 */
final class FirstStepCheck {

    private final List<PairStack> stacks;
    private final boolean byGradientAlone;
    private final List<float[]> startA = new ArrayList<>();
    private final List<float[]> startB = new ArrayList<>();
    private final Map<String, Long> frozen = new HashMap<>();
    private final Map<String, NDArray> arrays;

    /**
     * @param byGradientAlone true if a factor without a gradient must stay: no decay, no balancing
     */
    FirstStepCheck(
            List<PairStack> stacks,
            boolean byGradientAlone,
            AdaptableModel model,
            Map<String, NDArray> trained) {
        this.stacks = stacks;
        this.byGradientAlone = byGradientAlone;
        for (var stack : stacks) {
            startA.add(stack.loraA().toFloatArray());
            startB.add(stack.loraB().toFloatArray());
        }
        arrays = new HashMap<>(model.parameters());
        arrays.values().removeAll(trained.values());
        arrays.forEach((name, array) -> frozen.put(name, checksum(array)));
    }

    private static long checksum(NDArray array) {
        var crc = new CRC32C();
        Checksums.read(array, crc::update);
        return crc.getValue();
    }

    /**
     * @param movedB true once a step has read the gradient of B
     * @throws IllegalStateException if one of the three does not hold
     */
    void verify(boolean movedB) {
        for (int i = 0; i < stacks.size(); i++) {
            var stack = stacks.get(i);
            boolean sameB = Arrays.equals(startB.get(i), stack.loraB().toFloatArray());
            if (isZero(startA.get(i))) {
                refuseMove(!sameB, "lora_B", "lora_A", stack);
            } else if (movedB && sameB) {
                throw new IllegalStateException(
                        "after the first step lora_B of "
                                + stack.paths()
                                + " is where it was: its gradient was zero, or the optimizer did"
                                + " not reach it. Check that the loss depends on these modules");
            }
            boolean sameA = Arrays.equals(startA.get(i), stack.loraA().toFloatArray());
            if (isZero(startB.get(i))) {
                refuseMove(!sameA, "lora_A", "lora_B", stack);
            }
        }
        verifyFrozen();
    }

    private void refuseMove(boolean moved, String factor, String zero, PairStack stack) {
        if (moved && byGradientAlone) {
            throw new IllegalStateException(
                    factor
                            + " of "
                            + stack.paths()
                            + " moved at the first step although "
                            + zero
                            + " was zero, where its gradient is zero: a gradient or an optimizer is"
                            + " wrong");
        }
    }

    private void verifyFrozen() {
        for (var entry : frozen.entrySet()) {
            if (checksum(arrays.get(entry.getKey())) != entry.getValue()) {
                throw new IllegalStateException(
                        "the frozen array "
                                + entry.getKey()
                                + " changed in the first step; only adapters and the trained"
                                + " parameters may move");
            }
        }
    }

    private static boolean isZero(float[] values) {
        for (float value : values) {
            if (value != 0) {
                return false;
            }
        }
        return true;
    }
}
