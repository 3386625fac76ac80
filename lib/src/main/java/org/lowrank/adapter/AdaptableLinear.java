package org.lowrank.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.Optional;

/**
 * A linear layer y = x W0ᵀ + b whose weight can carry one adapter: y = x W0ᵀ + b + s (x Aᵀ) Bᵀ for
 * LoRA. Weight (out, in), bias (out), as in PyTorch; how the weight is stored is {@link
 * FrozenWeight}'s. Models build their linear maps of it, so that an adapter is attached and taken
 * off without rebuilding the model.
 */
public final class AdaptableLinear extends AbstractBlock {

    /** Where in a model it stands. The first is adapted with all others, the rest when named. */
    public enum Role {
        WITHIN,
        /** Patches of pictures. */
        CONVOLUTION,
        /** From ids to vectors: a map of one-hot rows whose weight (out, in) lies turned. */
        TABLE,
        /** Over the vocabulary. */
        HEAD
    }

    private final long in;
    private final long out;
    private final Role role;
    private final Patches patches;
    private final Parameter bias;
    private FrozenWeight weight;
    private LinearAdapter adapter;
    private NDArray observed;

    /** A layer without values; {@link #hold} brings its weight. */
    public AdaptableLinear(long in, long out, boolean hasBias) {
        this(in, out, Role.WITHIN, null, hasBias);
    }

    /** A convolution: a linear map of every patch of pictures (n, height, width, channels). */
    public AdaptableLinear(Patches patches, long out, boolean hasBias) {
        this(patches.size(), out, Role.CONVOLUTION, patches, hasBias);
    }

    /** A table of embeddings: ids from 0 to rows − 1 in, vectors out. */
    public static AdaptableLinear table(long rows, long width) {
        return new AdaptableLinear(rows, width, Role.TABLE, null, false);
    }

    /** The head over a vocabulary. */
    public static AdaptableLinear head(long width, long rows) {
        return new AdaptableLinear(width, rows, Role.HEAD, null, false);
    }

    private AdaptableLinear(long in, long out, Role role, Patches patches, boolean hasBias) {
        this.in = in;
        this.out = out;
        this.role = role;
        this.patches = patches;
        bias =
                hasBias
                        ? addParameter(
                                Parameter.builder()
                                        .setName("bias")
                                        .setType(Parameter.Type.BIAS)
                                        .build())
                        : null;
    }

    public long in() {
        return in;
    }

    public Role role() {
        return role;
    }

    /** What makes it a convolution, or null. */
    public Patches patches() {
        return patches;
    }

    /** The shape of a matrix of so many rows over its inputs, as PyTorch's modules have it. */
    public Shape weightShape(long rows) {
        return patches == null ? new Shape(rows, in) : patches.weight(rows);
    }

    /** The shape of its weight in files. */
    public Shape storedShape() {
        return role == Role.TABLE ? new Shape(in, out) : weightShape(out);
    }

    /** The least shape of so many inputs of which each has one output. */
    Shape inputShape(long count) {
        return patches == null
                ? new Shape(count, in)
                : new Shape(count, patches.kernel(), patches.kernel(), patches.channels());
    }

    /**
     * x times any matrix (rows, in) as W0 would be applied, recorded for differentiation: a
     * convolution where this is one, the columns of the ids where it is a table.
     *
     * @return (..., rows)
     */
    public NDArray product(NDArray x, NDArray matrix, NDArray offset) {
        return switch (role) {
            case CONVOLUTION -> patches.product(x, matrix, offset);
            case TABLE -> {
                var byId = matrix.transpose();
                byId.attach(x.getManager());
                yield TableWeight.rows(byId, x);
            }
            case WITHIN, HEAD -> Linear.linear(x, matrix, offset).singletonOrThrow();
        };
    }

    /** Gives the layer an array of {@link #storedShape} as its weight. */
    public void hold(NDArray array) {
        hold(
                switch (role) {
                    case CONVOLUTION -> new ConvolutionWeight(patches, array);
                    case TABLE -> new TableWeight(array);
                    case WITHIN, HEAD -> new PlainWeight(array);
                });
    }

    public long out() {
        return out;
    }

    /**
     * W0 (out, in).
     *
     * @throws IllegalStateException if the layer has none yet
     */
    public FrozenWeight weight() {
        if (weight == null) {
            throw new IllegalStateException(
                    "this linear map (%d, %d) has no weight yet".formatted(out, in));
        }
        return weight;
    }

    /** Gives the layer its weight, which it then owns; one that it had before is freed. */
    public void hold(FrozenWeight newWeight) {
        if (newWeight.in() != in || newWeight.out() != out) {
            throw new IllegalArgumentException(
                    "a weight (%d, %d) for a linear map (%d, %d)"
                            .formatted(newWeight.out(), newWeight.in(), out, in));
        }
        if (weight != null && weight != newWeight) {
            weight.close();
        }
        weight = newWeight;
    }

    /** The bias (out), or null. */
    public Parameter bias() {
        return bias;
    }

    /** The attached adapter, or null. */
    public LinearAdapter adapter() {
        return adapter;
    }

    /**
     * Attaches an adapter.
     *
     * @throws IllegalStateException if one is attached already
     */
    public void attach(LinearAdapter newAdapter) {
        if (adapter != null) {
            throw new IllegalStateException(
                    "this layer carries the adapter "
                            + adapter.pairs().get(0).path()
                            + " already; detach it first");
        }
        adapter = newAdapter;
    }

    /** Takes the adapter off and returns it, or null. */
    public LinearAdapter detach() {
        var old = adapter;
        adapter = null;
        return old;
    }

    /**
     * From now on the forward pass reads W0 through a leaf of the graph that collects its gradient,
     * without leaving a gradient behind in W0 itself.
     */
    public NDArray observeWeight() {
        if (observed != null) {
            throw new IllegalStateException("this weight is being observed already");
        }
        observed = weight().leaf();
        return observed;
    }

    /** Ends {@link #observeWeight} and frees the leaf; without one it does nothing. */
    public void endObservation() {
        if (observed != null) {
            observed.close();
            observed = null;
        }
    }

    /**
     * All that there is to a layer y = x Wᵀ + b + s (x Aᵀ) Bᵀ.
     *
     * @param weight W0 (out, in), float32 or packed
     * @param bias (out), or null
     * @param pair null without an adapter
     */
    public record Terms(FrozenWeight weight, NDArray bias, LoraPair pair) {}

    /**
     * The terms of the layer, if it is such a one in training and trains nothing but its pair;
     * empty otherwise.
     */
    public Optional<Terms> terms() {
        var offset = bias == null ? null : bias.getArray();
        boolean plain =
                (role == Role.WITHIN || role == Role.HEAD)
                        && observed == null
                        && (weight() instanceof PlainWeight || weight instanceof PackedWeight)
                        && weight.type() == DataType.FLOAT32
                        && !weight.stored().hasGradient()
                        && (offset == null || !offset.hasGradient());
        if (!plain) {
            return Optional.empty();
        }
        return adapter == null
                ? Optional.of(new Terms(weight, offset, null))
                : adapter.plainPair().map(pair -> new Terms(weight, offset, pair));
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        return new NDList(forward(inputs.singletonOrThrow(), training));
    }

    /** The layer's output (..., out) for x (..., in), of a convolution for pictures. */
    public NDArray forward(NDArray x, boolean training) {
        var offset = bias == null ? null : bias.getArray();
        if (observed != null) {
            var base = product(x, observed, offset);
            return adapter == null ? base : adapter.forward(x, base, this, training);
        }
        var input = weight().apart(x);
        var base = weight().product(input, offset);
        return adapter == null ? base : adapter.forward(input, base, this, training);
    }

    /** x, for all that read it beside this map, see {@link FrozenWeight#apart}. */
    public NDArray apart(NDArray x) {
        return weight().apart(x);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        var shape = inputShapes[0].getShape().clone();
        shape[shape.length - 1] = out;
        return new Shape[] {new Shape(shape)};
    }

    public void close() {
        if (adapter != null) {
            adapter.close();
        }
        if (weight != null) {
            weight.close();
        }
        clear();
    }

    /** The manager of the weight, for what must live as long as it. */
    public NDManager manager() {
        return weight().stored().getManager();
    }
}
