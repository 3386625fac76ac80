package org.lowrank.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import java.util.ArrayList;
import java.util.List;
import org.lowrank.engine.GraphConstants;
import org.lowrank.model.block.Attention;
import org.lowrank.model.block.AttentionMask;
import org.lowrank.model.block.EmbeddingTable;
import org.lowrank.model.block.EncoderDecoder;
import org.lowrank.model.block.FeedForward;
import org.lowrank.model.block.Memory;
import org.lowrank.model.block.ModuleBlock;
import org.lowrank.model.block.NetworkBlock;
import org.lowrank.model.block.NormLayer;
import org.lowrank.model.block.RandomWeights;
import org.lowrank.model.block.Regularizer;
import org.lowrank.model.block.RelativePositions;
import org.lowrank.model.block.Slot;
import org.lowrank.text.TokenBatch;

/**
 * T5 (Raffel et al., arXiv 1910.10683) and its version 1.1: an encoder and a decoder over one table
 * of words. Scores are not scaled; where tokens stand is told by their distances alone; maps have
 * no bias. The weights are frozen; adapters are attached to {@link #linears()}, or {@link #train}
 * thaws all.
 */
public final class T5 extends NetworkBlock implements EncoderDecoder {

    private static final String HEAD = "lm_head.weight";

    private final T5Config config;
    private final EmbeddingTable shared;
    private final Stack encoder;
    private final Stack decoder;
    private final AttentionMask masks;
    private final NDArray scale;
    private Slot head;

    /**
     * A network whose slots are still to be filled.
     *
     * @param ownHead whether there is a place for a head of its own; if what comes into it is the
     *     table of words, it is tied after all
     */
    public T5(T5Config config, boolean ownHead, NDManager parent) {
        super("t5", parent);
        this.config = config;
        int width = config.width();
        shared = part("shared", new EmbeddingTable(config.vocabulary(), width));
        encoder = part("encoder", new Stack(config, false));
        decoder = part("decoder", new Stack(config, true));
        masks = new AttentionMask(manager());
        scale = GraphConstants.scalar(manager(), 1 / Math.sqrt(width), DataType.FLOAT32);
        head = ownHead ? array(HEAD, new Shape(config.vocabulary(), width), 0) : null;
    }

    /** One that knows nothing: weights as T5 starts its pre-training. */
    public static T5 random(T5Config config, long seed, NDManager parent) {
        var t5 = new T5(config, !config.tied(), parent);
        RandomWeights.into(t5.slots(), config::deviation, seed, t5.manager());
        return t5;
    }

    @Override
    public void filled() {
        if (head != null && head.array().contentEquals(shared.weight())) {
            remove(HEAD);
            head.array().close();
            head = null;
        }
    }

    @Override
    public NDArray hidden(TokenBatch read, TokenBatch written, boolean training) {
        var text = encoded(read, training);
        var others = decoder.read(text, read.ids().getShape().get(0), training);
        var mask = masks.padding(read.mask());
        return decoder.decode(
                shared.forward(written.ids()),
                masks.causal(written.mask(), written.ids().getShape().get(1), 0),
                new Source(others, mask, null),
                training);
    }

    @Override
    public NDArray hidden(NDArray ids, NDArray mask, Passage at, boolean training) {
        if (at.memory() == null) {
            throw new IllegalArgumentException(
                    "a T5 writes about a text that it has read: give its memory, or both texts");
        }
        return decoder.decode(
                shared.forward(ids),
                masks.causal(mask, ids.getShape().get(1), 0),
                new Source(at.memory().read(ids.getManager()), at.memory().mask(), at.memory()),
                training);
    }

    /** The encoder's hidden states, (batch · length, width). */
    public NDArray encoded(TokenBatch texts, boolean training) {
        var padding = masks.padding(texts.mask());
        return encoder.encode(shared.forward(texts.ids()), padding, training);
    }

    @Override
    public Memory read(TokenBatch texts) {
        long batch = texts.ids().getShape().get(0);
        var others = decoder.read(encoded(texts, false), batch, false);
        var memory = new Memory(config.decoderLayers(), manager());
        memory.read(others, masks.padding(texts.mask()));
        return memory;
    }

    @Override
    public NDArray logits(NDArray hidden) {
        var states = config.scaled() ? hidden.mul(scale) : hidden;
        var table = head == null ? shared.weight() : head.array();
        return Linear.linear(states, table, null).singletonOrThrow();
    }

    @Override
    public void untie(String name) {
        var module = name.replaceFirst("\\.weight$", "");
        if (head == null && (module.equals("shared") || module.equals("lm_head"))) {
            head = array(HEAD, new Shape(config.vocabulary(), config.width()), 0);
            var copy = org.lowrank.engine.Arrays.copy(shared.weight(), DataType.FLOAT32, manager());
            head.fill().accept(copy);
        }
    }

    public T5Config config() {
        return config;
    }

    /** Whether the head is the table of words. */
    public boolean isTied() {
        return head == null;
    }

    @Override
    public int startId() {
        return config.startId();
    }

    @Override
    public int vocabulary() {
        return config.vocabulary();
    }

    /** Distances have no end. */
    @Override
    public int positions() {
        return Integer.MAX_VALUE;
    }

    /**
     * What the layers of a decoder attend to beside their own text.
     *
     * @param layers keys and values for each
     * @param mask of the other text's padding
     * @param memory of the own text, or null
     */
    private record Source(List<Attention.Read> layers, NDArray mask, Memory memory) {}

    /** Layers, a last normalisation, and the distances that all layers share. */
    private static final class Stack extends ModuleBlock {

        private final T5Config config;
        private final List<Layer> layers = new ArrayList<>();
        private final RelativePositions distances;
        private final NormLayer lastNorm;
        private final Regularizer dropout;

        Stack(T5Config config, boolean isDecoder) {
            this.config = config;
            int count = isDecoder ? config.decoderLayers() : config.encoderLayers();
            for (int i = 0; i < count; i++) {
                layers.add(part("block." + i, new Layer(config, isDecoder)));
            }
            var form = isDecoder ? config.distances() : config.distancesBothWays();
            distances =
                    part(
                            "block.0.layer.0.SelfAttention.relative_attention_bias",
                            new RelativePositions(form, config.heads()));
            lastNorm = part("final_layer_norm", new NormLayer(config.width(), config.norm()));
            dropout = new Regularizer(config.dropout());
        }

        NDArray encode(NDArray words, NDArray padding, boolean training) {
            long batch = words.getShape().get(0);
            long length = words.getShape().get(1);
            var mask = padding.add(distances.forward(length, length, words.getManager()));
            var at = new Attention.Context(batch, length, mask, null, null);
            var x = begun(words, training);
            for (var layer : layers) {
                x = layer.forward(x, at, null, null, training);
            }
            return ended(x, training);
        }

        NDArray decode(NDArray words, NDArray causal, Source source, boolean training) {
            long batch = words.getShape().get(0);
            long length = words.getShape().get(1);
            long all = causal.getShape().get(3);
            var mask = causal.add(distances.forward(length, all, words.getManager()));
            var across = new Attention.Context(batch, length, source.mask(), null, null);
            var x = begun(words, training);
            for (int i = 0; i < layers.size(); i++) {
                var past = source.memory() == null ? null : source.memory().layer(i);
                var at = new Attention.Context(batch, length, mask, null, past);
                x = layers.get(i).forward(x, at, source.layers().get(i), across, training);
            }
            return ended(x, training);
        }

        private NDArray begun(NDArray words, boolean training) {
            return dropout.apply(words, training).reshape(-1, config.width());
        }

        private NDArray ended(NDArray x, boolean training) {
            return dropout.apply(lastNorm.forward(x), training);
        }

        /** Keys and values of an encoded text (batch · length, width) for each layer. */
        List<Attention.Read> read(NDArray encoded, long batch, boolean training) {
            return layers.stream()
                    .map(layer -> layer.across.read(encoded, batch, training))
                    .toList();
        }
    }

    /**
     * Normalised before each part: x + attention(norm x), in a decoder then x + attention(norm x,
     * what was read), then x + down(f(up norm x)).
     */
    private static final class Layer extends ModuleBlock {

        private final NormLayer selfNorm;
        private final Attention self;
        private final NormLayer acrossNorm;
        private final Attention across;
        private final NormLayer feedForwardNorm;
        private final FeedForward feedForward;
        private final Regularizer dropout;

        Layer(T5Config config, boolean isDecoder) {
            var names = new Attention.Names("q", "k", "v", "o");
            self = part("layer.0.SelfAttention", new Attention(config.attention(), names));
            selfNorm = norm("layer.0", config);
            across =
                    isDecoder
                            ? part(
                                    "layer.1.EncDecAttention",
                                    new Attention(config.attention(), names))
                            : null;
            acrossNorm = isDecoder ? norm("layer.1", config) : null;
            var last = isDecoder ? "layer.2" : "layer.1";
            feedForward =
                    part(
                            last + ".DenseReluDense",
                            new FeedForward(config.feedForward(), config.feedForwardNames()));
            feedForwardNorm = norm(last, config);
            dropout = new Regularizer(config.dropout());
        }

        private NormLayer norm(String layer, T5Config config) {
            return part(layer + ".layer_norm", new NormLayer(config.width(), config.norm()));
        }

        /**
         * @param x (batch · length, width)
         * @param read null in an encoder
         * @return of the same shape, attached to the manager of x; what lies between is freed here
         *     as far as the backward pass does not need it
         */
        NDArray forward(
                NDArray x,
                Attention.Context at,
                Attention.Read read,
                Attention.Context atRead,
                boolean training) {
            try (var scope = NDManager.subManagerOf(x)) {
                x.tempAttach(scope);
                var mixed = self.forward(selfNorm.forward(x), at, training);
                var attended = x.add(dropout.apply(mixed, training));
                if (read != null) {
                    var other =
                            across.forward(acrossNorm.forward(attended), read, atRead, training);
                    attended = attended.add(dropout.apply(other, training));
                }
                var narrow = feedForward.forward(feedForwardNorm.forward(attended), training);
                return scope.ret(attended.add(dropout.apply(narrow, training)));
            }
        }
    }
}
