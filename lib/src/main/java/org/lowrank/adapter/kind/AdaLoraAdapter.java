package org.lowrank.adapter.kind;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.norm.Dropout;
import java.util.Map;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.LinearAdapter;
import org.lowrank.adapter.LoraPair;
import org.lowrank.engine.Arrays;
import org.lowrank.engine.GraphConstants;

/**
 * One weight under AdaLoRA: y = x W0ᵀ + b + s ((dropout(x) Aᵀ) diag(E)) Bᵀ, with E (r) zero at the
 * start. The schedule is in {@link AdaLora}, the pruning in {@link RankAllocator}.
 */
public final class AdaLoraAdapter implements LinearAdapter {

    /** PEFT's name of the singular values. */
    public static final String SINGULAR_VALUES = "lora_E";

    private final LoraPair pair;
    private final float dropout;
    private final NDArray scaling;
    private final NDArray singularValues;

    /**
     * @param pair the factors
     * @param dropout probability of dropout on x, 0 for none
     * @param owner lives as long as the adapter
     */
    public AdaLoraAdapter(LoraPair pair, double dropout, NDManager owner) {
        this.pair = pair;
        this.dropout = (float) dropout;
        var type = pair.loraA().getDataType();
        scaling = GraphConstants.scalar(owner, pair.scaling(), type);
        singularValues = owner.zeros(new Shape(pair.rank()), type);
        singularValues.setRequiresGradient(true);
    }

    @Override
    public NDArray forward(NDArray x, NDArray base, AdaptableLinear layer, boolean training) {
        var dropped =
                training && dropout > 0 ? Dropout.dropout(x, dropout, true).singletonOrThrow() : x;
        var down = layer.product(dropped, pair.loraA(), null);
        var scaled = down.mul(singularValues).mul(scaling);
        return base.add(UpProjection.of(scaled, pair.loraB()));
    }

    @Override
    public NDArray deltaWeight(AdaptableLinear layer, NDManager owner) {
        try (var scratch = owner.newSubManager()) {
            var b = Arrays.upcast(pair.loraB(), scratch);
            var a = Arrays.upcast(pair.loraA(), scratch);
            var e = Arrays.upcast(singularValues, scratch).muli(pair.scaling());
            var delta = b.mul(e).matMul(a);
            delta.attach(owner);
            return delta;
        }
    }

    @Override
    public LoraPair pair() {
        return pair;
    }

    /** E (r), a leaf of the graph. */
    public NDArray singularValues() {
        return singularValues;
    }

    /** Sets the singular values that are not kept to zero. */
    void prune(boolean[] kept) {
        var mask = new float[kept.length];
        for (int i = 0; i < kept.length; i++) {
            mask[i] = kept[i] ? 1 : 0;
        }
        try (var scratch = singularValues.getManager().newSubManager();
                var view = singularValues.stopGradient()) {
            view.muli(scratch.create(mask).toType(view.getDataType(), false));
        }
    }

    @Override
    public Map<String, NDArray> extraParameters() {
        return Map.of(SINGULAR_VALUES, singularValues);
    }

    @Override
    public void close() {
        scaling.close();
        singularValues.close();
    }
}
