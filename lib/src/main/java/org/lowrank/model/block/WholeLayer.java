package org.lowrank.model.block;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.FrozenWeight;
import org.lowrank.adapter.LoraPair;
import org.lowrank.engine.Arrays;
import org.lowrank.engine.FrozenProduct;
import org.lowrank.engine.Machine;
import org.lowrank.engine.Packing;
import org.lowrank.engine.Tape;

/**
 * A second form of one layer for training LoRA on frozen weights: the layer forward and backward as
 * one program each, outside the engine's graph. It takes about a fifth less time than the form by
 * autograd: oneDNN multiplies by the frozen weights and adds bias and residual in the same pass,
 * the products of a pair are laid so that they are fast, and fewer arrays are made. Of weights in
 * few bits it makes float32 numbers while it runs, those of one layer at once.
 *
 * <p>The program ({@code whole_layer.torchscript}) serves layers that are normalised before or
 * after each part. It takes a layer's place in training on a {@link Tape} if the layer is of the
 * plain kind: no dropout, nothing trained but pairs of {@link LinearAdapter#plainPair}. Everything
 * else, and every graph that is not a tape's, has the form by autograd, which tests hold this one
 * against.
 */
public final class WholeLayer {

    /** Where a layer normalises. */
    public enum Norms {
        /** x + part(norm(x)), as in Llama. */
        FIRST,
        /** norm(x + part(x)), as in BERT. */
        LAST
    }

    private static final FrozenProduct PROGRAM =
            FrozenProduct.beside(WholeLayer.class, "whole_layer.torchscript");

    private final Norms norms;
    private final NormLayer attentionNorm;
    private final Attention attention;
    private final NormLayer feedForwardNorm;
    private final FeedForward feedForward;
    private final List<AdaptableLinear> linears;
    private final boolean plain;

    /**
     * @param plain whether nothing stands between these parts but sums
     */
    public WholeLayer(
            Norms norms,
            NormLayer attentionNorm,
            Attention attention,
            NormLayer feedForwardNorm,
            FeedForward feedForward,
            boolean plain) {
        this.norms = norms;
        this.attentionNorm = attentionNorm;
        this.attention = attention;
        this.feedForwardNorm = feedForwardNorm;
        this.feedForward = feedForward;
        this.plain =
                plain
                        && attention.isPlain()
                        && feedForward.isPlain()
                        && attentionNorm.form().kind() != NormLayer.Kind.RMS_PLUS_ONE;
        linears =
                Stream.of(attention, feedForward)
                        .flatMap(part -> part.linears().values().stream())
                        .toList();
    }

    /**
     * @param x (batch · length, width)
     * @return of the same shape, attached to the manager of x; empty where the layer needs its form
     *     by autograd
     */
    public Optional<NDArray> forward(NDArray x, Attention.Context at) {
        return forward(x, at, false);
    }

    /**
     * The same of the first token of each sequence alone, (batch, width), which attends to all.
     *
     * @throws IllegalArgumentException if positions are rotated or tokens are remembered
     */
    public Optional<NDArray> first(NDArray x, Attention.Context at) {
        Attention.requireFirst(at);
        return forward(x, at, true);
    }

    private Optional<NDArray> forward(NDArray x, Attention.Context at, boolean one) {
        boolean graphOfAnother = Arrays.graphIsRecorded() && !Tape.isRecording();
        if (!plain || at.past() != null || graphOfAnother || isNormTrained()) {
            return Optional.empty();
        }
        var terms = new ArrayList<AdaptableLinear.Terms>();
        for (var linear : linears) {
            var of = linear.terms();
            if (of.isEmpty()) {
                return Optional.empty();
            }
            terms.add(of.get());
        }
        var pass = new Pass(x, at, terms, one);
        if (Tape.isRecording()) {
            return Optional.of(Tape.through(x, pass.trains(), pass));
        }
        try (var scratch = x.getManager().newSubManager()) { // computed anew for the backward pass
            return Optional.of(pass.forward(scratch));
        }
    }

    private boolean isNormTrained() {
        return Stream.of(attentionNorm, feedForwardNorm)
                .flatMap(norm -> norm.arrays().stream())
                .anyMatch(NDArray::hasGradient);
    }

    private static boolean isTrained(LoraPair pair) {
        return pair.loraA().hasGradient() || pair.loraB().hasGradient();
    }

    /** One batch through the layer and back. */
    private final class Pass implements Tape.Stage {

        private final NDArray x;
        private final List<NDArray> mask;
        private final List<NDArray> rotation;
        private final List<AdaptableLinear.Terms> terms;
        private final List<NDArray> weights;
        private final List<Packing> packings;
        private final long[] kinds;
        private final double[] scalings;
        private final long batch;
        private final boolean one;
        private NDList kept;
        private List<NDArray> loraA;
        private List<NDArray> loraB;

        Pass(NDArray x, Attention.Context at, List<AdaptableLinear.Terms> terms, boolean one) {
            this.x = x;
            this.one = one;
            this.terms = terms;
            batch = at.batch();
            mask = at.mask() == null ? List.of() : List.of(at.mask());
            rotation =
                    at.rotation() == null
                            ? List.of()
                            : List.of(at.rotation().cos(), at.rotation().sin());
            weights = terms.stream().map(of -> of.weight().stored()).toList();
            packings = terms.stream().map(of -> of.weight().packing()).toList();
            kinds = packings.stream().mapToLong(FrozenProduct::kind).toArray();
            scalings =
                    terms.stream()
                            .mapToDouble(of -> of.pair() == null ? 1 : of.pair().scaling())
                            .toArray();
        }

        boolean trains() {
            return terms.stream().anyMatch(of -> of.pair() != null && isTrained(of.pair()));
        }

        @Override
        public NDArray forward(NDManager owner) {
            var none = owner.create(new Shape(0), DataType.FLOAT32);
            var biases = terms.stream().map(of -> of.bias() == null ? none : of.bias()).toList();
            loraA = factors(LoraPair::loraA, w -> new Shape(0, w.in()), owner);
            loraB = factors(LoraPair::loraB, w -> new Shape(w.out(), 0), owner);
            var form = attention.form();
            var all =
                    PROGRAM.of(packings)
                            .run(
                                    owner,
                                    "run",
                                    x,
                                    mask,
                                    rotation,
                                    attentionNorm.arrays(),
                                    feedForwardNorm.arrays(),
                                    weights,
                                    kinds,
                                    biases,
                                    loraA,
                                    loraB,
                                    scalings,
                                    batch,
                                    form.heads(),
                                    form.keyHeads(),
                                    form.scale(),
                                    attentionNorm.form().epsilon(),
                                    feedForwardNorm.form().epsilon(),
                                    name(),
                                    norms == Norms.FIRST,
                                    one,
                                    Machine.threads());
            kept = all.subNDList(1);
            try (var made = all.get(0)) {
                var y = made.duplicate();
                y.attach(x.getManager());
                return y;
            }
        }

        /** The factors of each map, of rank 0 where it has none. */
        private List<NDArray> factors(
                Function<LoraPair, NDArray> factor,
                Function<FrozenWeight, Shape> empty,
                NDManager owner) {
            return terms.stream()
                    .map(
                            of ->
                                    of.pair() == null
                                            ? owner.create(
                                                    empty.apply(of.weight()), DataType.FLOAT32)
                                            : factor.apply(of.pair()))
                    .toList();
        }

        @Override
        public NDArray back(NDArray gradient, boolean wanted) {
            try (var scratch = gradient.getManager().newSubManager()) {
                var none = scratch.create(new Shape(0), DataType.FLOAT32);
                var form = attention.form();
                var found =
                        PROGRAM.of(packings)
                                .run(
                                        scratch,
                                        "back",
                                        gradient,
                                        kept,
                                        rotation,
                                        attentionNorm.arrays(),
                                        feedForwardNorm.arrays(),
                                        weights,
                                        kinds,
                                        loraA,
                                        loraB,
                                        scalings,
                                        gradients(LoraPair::loraA, none),
                                        gradients(LoraPair::loraB, none),
                                        batch,
                                        form.heads(),
                                        form.keyHeads(),
                                        form.scale(),
                                        name(),
                                        norms == Norms.FIRST,
                                        one,
                                        wanted)
                                .singletonOrThrow();
                if (!wanted) {
                    return null;
                }
                found.attach(gradient.getManager());
                return found;
            }
        }

        /**
         * Where each factor collects its gradient, to be added to; none where it is not asked for.
         */
        private List<NDArray> gradients(Function<LoraPair, NDArray> factor, NDArray none) {
            return terms.stream()
                    .map(AdaptableLinear.Terms::pair)
                    .map(
                            pair -> {
                                if (pair == null || !factor.apply(pair).hasGradient()) {
                                    return none;
                                }
                                var collected = Tape.collected(factor.apply(pair));
                                collected.attach(none.getManager());
                                return collected;
                            })
                    .toList();
        }

        private String name() {
            return feedForward.f().name().toLowerCase(Locale.ROOT);
        }
    }
}
