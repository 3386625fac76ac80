package org.lowrank.adapter.kind;

import ai.djl.ndarray.NDManager;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.LayerKind;
import org.lowrank.adapter.LinearAdapter;
import org.lowrank.adapter.LoraPair;

/** A trained length for every row of W0 + sBA: {@link DoraAdapter}. */
public record Dora() implements LayerKind {

    @Override
    public LinearAdapter adapter(
            LoraPair pair, AdaptableLinear layer, double dropout, NDManager owner) {
        return new DoraAdapter(pair, layer, dropout, owner);
    }

    /** The length of each row. */
    @Override
    public long trainedBeside(long out, long in, int rank) {
        return out;
    }

    @Override
    public String toString() {
        return "dora";
    }
}
