package org.lowrank.adapter.kind;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.norm.Dropout;
import java.util.Map;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.LinearAdapter;
import org.lowrank.adapter.LoraPair;
import org.lowrank.engine.Arrays;
import org.lowrank.engine.GraphConstants;

/**
 * DoRA: the rows of the adapted weight have a trained length. With V = W0 + sBA,
 *
 * <p>W = diag(m / c) V, c = the lengths of the rows of V, taken as constants when differentiated; y
 * = x Wᵀ + b. m (out) starts as the lengths of the rows at the start, so that W = V there. As c is
 * a constant, gᴬ = s BᵀG and gᴮ = s G Aᵀ with G = diag(m / c) dL/dW: the gradient rules of LoRA-Pro
 * and AltLoRA apply to G.
 *
 * <p>A row of V that is zero stays so: its m / c counts as m, where 0 / 0 would be no number.
 *
 * <p>Dropout acts on both parts of the path that depends on m, as in PEFT: y = b + x W0ᵀ + (m/c -
 * 1) d W0ᵀ + (m/c) s (d Aᵀ) Bᵀ with d = dropout(x).
 *
 * @see <a href="https://arxiv.org/abs/2402.09353">Liu et al., DoRA, equations 5 and 11</a>
 */
public final class DoraAdapter implements LinearAdapter {

    /** PEFT's name of m. */
    public static final String MAGNITUDE = "lora_magnitude_vector";

    private final LoraPair pair;
    private final float dropout;
    private final NDArray scaling;
    private final NDArray one;
    private final NDArray magnitude;

    /**
     * @param pair the factors, which hold their first values
     * @param layer the layer to be adapted, its weight corrected already if the start corrects it
     * @param dropout probability of dropout, 0 for none
     * @param owner lives as long as the adapter
     */
    public DoraAdapter(LoraPair pair, AdaptableLinear layer, double dropout, NDManager owner) {
        this.pair = pair;
        this.dropout = (float) dropout;
        var type = pair.loraA().getDataType();
        scaling = GraphConstants.scalar(owner, pair.scaling(), type);
        one = GraphConstants.scalar(owner, 1, type);
        magnitude = rowNorms(layer, owner);
        magnitude.setRequiresGradient(true);
    }

    @Override
    public NDArray forward(NDArray x, NDArray base, AdaptableLinear layer, boolean training) {
        var lengths = apartFromZero(rowNorms(layer, x.getManager()));
        var ratio = one(x.getManager()).div(lengths).mul(magnitude);
        if (training && dropout > 0) {
            var dropped = Dropout.dropout(x, dropout, true).singletonOrThrow();
            var frozen = layer.weight().product(dropped, null);
            return base.add(ratio.sub(one).mul(frozen)).add(update(dropped, layer).mul(ratio));
        }
        var scaled = base.add(update(x, layer)).mul(ratio);
        if (layer.bias() == null) {
            return scaled;
        }
        // base holds the bias, which m does not scale: give back what the product took
        return scaled.add(one(x.getManager()).sub(ratio).mul(layer.bias().getArray()));
    }

    /** s (x Aᵀ) Bᵀ. */
    private NDArray update(NDArray x, AdaptableLinear layer) {
        var down = layer.product(x, pair.loraA(), null);
        return UpProjection.of(down.mul(scaling), pair.loraB());
    }

    /** The constant as an array of the step: results belong to the manager of the first operand. */
    private NDArray one(NDManager step) {
        var view = one.stopGradient();
        view.attach(step);
        return view;
    }

    /** Lengths of the rows of W0 + sBA (out), not recorded for differentiation. */
    private NDArray rowNorms(AdaptableLinear layer, NDManager owner) {
        try (var scratch = owner.newSubManager()) {
            var b = pair.loraB().stopGradient();
            b.attach(scratch);
            var a = pair.loraA().stopGradient();
            a.attach(scratch);
            var adapted = b.matMul(a).muli(scaling);
            layer.weight().addTo(adapted);
            var norms = adapted.norm(2, new int[] {1}, false);
            norms.attach(owner);
            return norms;
        }
    }

    /** 1 in place of 0. */
    private static NDArray apartFromZero(NDArray lengths) {
        return lengths.add(lengths.eq(lengths.zerosLike()).toType(lengths.getDataType(), false));
    }

    @Override
    public NDArray deltaWeight(AdaptableLinear layer, NDManager owner) {
        try (var scratch = owner.newSubManager()) {
            var weight = layer.weight().dense(scratch, DataType.FLOAT64);
            var direction = pair.product(scratch).addi(weight);
            var ratio =
                    Arrays.upcast(magnitude, scratch)
                            .div(apartFromZero(direction.norm(2, new int[] {1}, false)))
                            .reshape(-1, 1);
            var delta = direction.mul(ratio).subi(weight);
            delta.attach(owner);
            return delta;
        }
    }

    @Override
    public LoraPair pair() {
        return pair;
    }

    @Override
    public Map<String, NDArray> extraParameters() {
        return Map.of(MAGNITUDE, magnitude);
    }

    @Override
    public void close() {
        scaling.close();
        one.close();
        magnitude.close();
    }
}
