package org.lowrank.adapter.kind;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.norm.Dropout;
import java.util.Optional;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.LinearAdapter;
import org.lowrank.adapter.LoraPair;
import org.lowrank.engine.GraphConstants;

/**
 * LoRA (and rsLoRA, by the scaling of its pair): y = x W0ᵀ + b + s (dropout(x) Aᵀ) Bᵀ. Hu et al.,
 * arXiv 2106.09685; the starting point of both papers. On a table x is an id, which nothing is
 * dropped from, as in PEFT.
 *
 * <p>In training without dropout a whole layer may be one program instead ({@code
 * model.block.WholeLayer}), which computes this from the same factors.
 */
public final class LoraAdapter implements LinearAdapter {

    private final LoraPair pair;
    private final float dropout;
    private final NDArray scaling;

    /**
     * @param pair the factors, leaves of the graph
     * @param dropout probability of dropout on x, 0 for none
     * @param owner lives as long as the adapter
     */
    public LoraAdapter(LoraPair pair, double dropout, NDManager owner) {
        this.pair = pair;
        this.dropout = (float) dropout;
        scaling = GraphConstants.scalar(owner, pair.scaling(), pair.loraA().getDataType());
    }

    @Override
    public NDArray forward(NDArray x, NDArray base, AdaptableLinear layer, boolean training) {
        boolean drops = training && dropout > 0 && layer.role() != AdaptableLinear.Role.TABLE;
        var dropped = drops ? Dropout.dropout(x, dropout, true).singletonOrThrow() : x;
        var down = layer.product(dropped, pair.loraA(), null);
        var up = UpProjection.of(down.mul(scaling), pair.loraB());
        // The output of a product is not read by its own backward pass, so it can take the sum.
        return up.addi(base);
    }

    @Override
    public NDArray deltaWeight(AdaptableLinear layer, NDManager owner) {
        return pair.product(owner);
    }

    @Override
    public LoraPair pair() {
        return pair;
    }

    @Override
    public Optional<LoraPair> plainPair() {
        return dropout > 0 ? Optional.empty() : Optional.of(pair);
    }

    @Override
    public void close() {
        scaling.close();
    }
}
