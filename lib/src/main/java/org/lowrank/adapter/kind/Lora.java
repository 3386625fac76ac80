package org.lowrank.adapter.kind;

import ai.djl.ndarray.NDManager;
import java.util.Optional;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.LayerKind;
import org.lowrank.adapter.LinearAdapter;
import org.lowrank.adapter.LoraPair;

/** y = x W0ᵀ + b + s (x Aᵀ) Bᵀ: {@link LoraAdapter}. */
public record Lora() implements LayerKind {

    @Override
    public LinearAdapter adapter(
            LoraPair pair, AdaptableLinear layer, double dropout, NDManager owner) {
        return new LoraAdapter(pair, dropout, owner);
    }

    @Override
    public Optional<String> refusesLayer(AdaptableLinear layer) {
        return Optional.empty();
    }

    @Override
    public String toString() {
        return "lora";
    }
}
