package org.lowrank.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.LinkedHashMap;
import java.util.Map;
import org.lowrank.engine.Arrays;

/**
 * Base weights that an initialisation has replaced by W0 - s B A. The originals are kept (one copy
 * of the changed weights), as adding s B A back in float32 would not restore their last bits.
 */
final class CorrectedBase {

    /**
     * @param original W0
     * @param loraA the A that was taken out
     * @param loraB the B that was taken out
     */
    record Entry(NDArray original, NDArray loraA, NDArray loraB) {}

    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final NDManager owner;

    CorrectedBase(NDManager owner) {
        this.owner = owner;
    }

    /** W0 - s B A in float64, rounded once to the type of W0. */
    void correct(AdaptableLinear layer, LoraPair pair) {
        var weight = layer.weight();
        var original = weight.dense(owner, weight.type());
        entries.put(pair.path(), new Entry(original, copy(pair.loraA()), copy(pair.loraB())));
        try (var scratch = owner.newSubManager()) {
            var wide = Arrays.upcast(original, scratch).subi(pair.product(scratch));
            weight.replace(wide);
        }
    }

    private NDArray copy(NDArray factor) {
        return Arrays.copy(factor, factor.getDataType(), owner);
    }

    /** [A; A0] and [B, -B0] where A0 and B0 were taken out, the pair itself elsewhere. */
    LoraPair difference(LoraPair pair, NDManager target) {
        var entry = entries.get(pair.path());
        if (entry == null) {
            return pair;
        }
        try (var a = pair.loraA().stopGradient();
                var b = pair.loraB().stopGradient();
                var minusB0 = entry.loraB().neg()) {
            var bothA = a.concat(entry.loraA(), 0);
            var bothB = b.concat(minusB0, 1);
            bothA.attach(target);
            bothB.attach(target);
            return new LoraPair(pair.path(), bothA, bothB, pair.scaling());
        }
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Puts every original weight back, bit for bit. */
    void restore(Map<String, AdaptableLinear> linears) {
        entries.forEach((path, entry) -> linears.get(path).weight().replace(entry.original()));
    }
}
