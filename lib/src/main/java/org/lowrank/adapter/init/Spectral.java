package org.lowrank.adapter.init;

import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.Initialization;
import org.lowrank.adapter.StartContext;

/**
 * One factor from the principal singular vectors of W0, the other zero, so that W0 stays: A =
 * diag(S_r / s)^½ V_rᵀ and B = 0, or A = 0 and B = U_r diag(S_r / s)^½.
 *
 * @param swapped true if B is the spectral one
 * @see <a href="https://arxiv.org/abs/2505.12455">AltLoRA, table 11</a>
 */
public record Spectral(boolean swapped) implements Initialization {

    @Override
    public Start start(
            String path, AdaptableLinear layer, int rank, double scaling, StartContext context) {
        var both = Pissa.exact().start(path, layer, rank, scaling, context);
        return swapped
                ? new Start(new float[both.loraA().length], both.loraB())
                : new Start(both.loraA(), new float[both.loraB().length]);
    }

    @Override
    public boolean hasZeroFactor() {
        return true;
    }

    @Override
    public String toString() {
        return swapped ? "spectral_swapped" : "spectral";
    }
}
