package org.lowrank.adapter.kind;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.Dropout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.LinearAdapter;
import org.lowrank.adapter.LoraPair;
import org.lowrank.engine.Arrays;
import org.lowrank.engine.GraphConstants;

/**
 * One weight under k experts: y = x W0ᵀ + b + s Σ_i w_i(x) (dropout(x) A_iᵀ) B_iᵀ with w(x) =
 * softmax(x Gᵀ), G (k, in) zero at the start, so that every expert begins with a share of 1/k.
 *
 * <p>With G_i = Σ_t w_i(x_t) dL/dy_t x_tᵀ, the gradient that expert i's product has, gᴬ = s B_iᵀ
 * G_i and gᴮ = s G_i A_iᵀ: the gradient rules of LoRA-Pro and AltLoRA hold for each pair by itself.
 * Computed as one pair of rank k r whose inner values are scaled, at the cost of LoRA of that rank.
 */
public final class ExpertsAdapter implements LinearAdapter {

    /** G's name among what is trained beside the pairs. */
    public static final String GATE = "experts_gate";

    private final List<LoraPair> pairs;
    private final float dropout;
    private final NDArray scaling;
    private final NDArray gate;
    private final boolean keepsEntropy;
    private final NDManager owner;
    private final List<NDArray> entropies = new ArrayList<>();

    /**
     * @param pairs one an expert, of one shape and scaling
     * @param dropout probability of dropout on what the pairs read, 0 for none; the gate reads x
     * @param keepsEntropy whether training passes keep the entropy of the shares for a penalty
     * @param owner lives as long as the adapter
     * @throws IllegalArgumentException if two experts start equal: they would stay so for ever
     */
    ExpertsAdapter(List<LoraPair> pairs, double dropout, boolean keepsEntropy, NDManager owner) {
        this.pairs = List.copyOf(pairs);
        this.dropout = (float) dropout;
        this.keepsEntropy = keepsEntropy;
        this.owner = owner;
        var first = pairs.get(0);
        var type = first.loraA().getDataType();
        scaling = GraphConstants.scalar(owner, first.scaling(), type);
        if (pairs.size() == 1) {
            gate = null;
            return;
        }
        requireApart(first, pairs.get(1));
        gate = owner.zeros(new Shape(pairs.size(), first.loraA().getShape().get(1)), type);
        gate.setRequiresGradient(true);
    }

    private static void requireApart(LoraPair one, LoraPair other) {
        if (one.loraA().contentEquals(other.loraA()) && one.loraB().contentEquals(other.loraB())) {
            throw new IllegalArgumentException(
                    one.path()
                            + " and "
                            + other.path()
                            + " start with the same factors, and equal experts stay equal; choose a"
                            + " random start");
        }
    }

    @Override
    public NDArray forward(NDArray x, NDArray base, AdaptableLinear layer, boolean training) {
        var dropped =
                training && dropout > 0 ? Dropout.dropout(x, dropout, true).singletonOrThrow() : x;
        var down = Linear.linear(dropped, joined(LoraPair::loraA, 0)).singletonOrThrow();
        if (gate != null) {
            var shares = Linear.linear(x, gate).singletonOrThrow().softmax(-1);
            var shape = down.getShape();
            var byExpert = shape.slice(0, shape.dimension() - 1).add(pairs.size(), rank());
            down = down.reshape(byExpert).mul(shares.expandDims(-1)).reshape(shape);
            // not in a pass without a graph, which only computes what is to come again
            if (training && keepsEntropy && Arrays.graphIsRecorded()) {
                keepEntropy(x);
            }
        }
        return UpProjection.of(down.mul(scaling), joined(LoraPair::loraB, 1)).addi(base);
    }

    private NDArray joined(Function<LoraPair, NDArray> factor, int axis) {
        var list = new NDList();
        pairs.forEach(pair -> list.add(factor.apply(pair)));
        return pairs.size() == 1 ? list.get(0) : NDArrays.concat(list, axis);
    }

    private long rank() {
        return pairs.get(0).rank();
    }

    /** Of x taken as a constant: the penalty trains the gate, not what lies before the layer. */
    private void keepEntropy(NDArray x) {
        var logits = Linear.linear(x.stopGradient(), gate).singletonOrThrow();
        var negative = logits.softmax(-1).mul(logits.logSoftmax(-1)).sum(new int[] {-1}).mean();
        var entropy = negative.neg();
        entropy.attach(owner);
        entropies.add(entropy);
    }

    /** The mean entropy of the shares in each pass since the last call, recorded for the gate. */
    List<NDArray> takeEntropies() {
        var taken = List.copyOf(entropies);
        entropies.clear();
        return taken;
    }

    /** There is none: an expert's share depends on the input. */
    @Override
    public NDArray deltaWeight(AdaptableLinear layer, NDManager target) {
        if (gate == null) {
            return pairs.get(0).product(target);
        }
        throw new IllegalStateException(
                pairs.get(0).path()
                        + ": experts are mixed by their input and have no one change of the weight;"
                        + " they cannot be merged, save the adapter instead");
    }

    @Override
    public LoraPair pair() {
        if (gate == null) {
            return pairs.get(0);
        }
        throw new IllegalStateException(
                pairs.get(0).path() + " is one of " + pairs.size() + " experts; ask for pairs()");
    }

    @Override
    public Optional<LoraPair> plainPair() {
        return gate == null && dropout == 0 ? Optional.of(pairs.get(0)) : Optional.empty();
    }

    @Override
    public List<LoraPair> pairs() {
        return pairs;
    }

    @Override
    public Map<String, NDArray> extraParameters() {
        return gate == null ? Map.of() : Map.of(GATE, gate);
    }

    @Override
    public void close() {
        scaling.close();
        if (gate != null) {
            gate.close();
        }
        takeEntropies().forEach(NDArray::close);
    }
}
