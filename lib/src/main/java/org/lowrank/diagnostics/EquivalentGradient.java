package org.lowrank.diagnostics;

import ai.djl.ndarray.NDArray;
import org.lowrank.adapter.LoraPair;
import org.lowrank.adapter.PairGradient;

/** The change of W, to first order, when A and B move along their directions. */
public final class EquivalentGradient {

    private EquivalentGradient() {}

    /**
     * s B gᴬ + s gᴮ A, as a matrix (out, in) in the dtype of the factors, attached to the manager
     * of {@code directions.gradA()}. For its norm, or its distance to a full gradient, {@link
     * Discrepancy} is cheaper.
     */
    public static NDArray of(LoraPair pair, PairGradient directions) {
        var owner = directions.gradA().getManager();
        try (var scratch = owner.newSubManager()) {
            scratch.tempAttachAll(
                    pair.loraA(), pair.loraB(), directions.gradA(), directions.gradB());
            var sum = pair.loraB().matMul(directions.gradA());
            sum.addi(directions.gradB().matMul(pair.loraA())).muli(pair.scaling());
            sum.attach(owner);
            return sum;
        }
    }
}
