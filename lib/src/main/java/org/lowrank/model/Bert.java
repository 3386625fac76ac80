package org.lowrank.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lowrank.engine.GraphConstants;
import org.lowrank.model.block.Attention;
import org.lowrank.model.block.AttentionMask;
import org.lowrank.model.block.EmbeddingTable;
import org.lowrank.model.block.FeedForward;
import org.lowrank.model.block.ModuleBlock;
import org.lowrank.model.block.NetworkBlock;
import org.lowrank.model.block.NormLayer;
import org.lowrank.model.block.RandomWeights;
import org.lowrank.model.block.Regularizer;
import org.lowrank.model.block.TextEncoder;
import org.lowrank.model.block.WholeLayer;
import org.lowrank.text.TokenBatch;

/**
 * BERT without a head: token ids to one vector a token (Devlin et al., arXiv 1810.04805), and its
 * kin RoBERTa (1907.11692) and DistilBERT (1910.01108). The weights are frozen; adapters are
 * attached to {@link #linears()}, or {@link #train} thaws all.
 */
public final class Bert extends NetworkBlock implements TextEncoder {

    private final BertConfig config;
    private final EmbeddingTable words;
    private final EmbeddingTable positions;
    private final EmbeddingTable types;
    private final NormLayer norm;
    private final Regularizer dropout;
    private final List<Layer> layers = new ArrayList<>();
    private final AttentionMask masks;
    private final NDArray padding;

    /** A network whose slots are still to be filled. */
    public Bert(BertConfig config, NDManager parent) {
        super("encoder", parent);
        this.config = config;
        int hidden = config.hidden();
        words = table("word_embeddings", config.vocabulary());
        positions = table("position_embeddings", config.positions());
        types = config.types() == 0 ? null : table("token_type_embeddings", config.types());
        norm = part("embeddings.LayerNorm", new NormLayer(hidden, config.norm()));
        dropout = new Regularizer(config.dropout());
        for (int i = 0; i < config.layers(); i++) {
            layers.add(
                    part(
                            config.variant().layer().replace("%d", Integer.toString(i)),
                            new Layer(config)));
        }
        masks = new AttentionMask(manager());
        padding = GraphConstants.scalar(manager(), config.variant().padding(), DataType.INT64);
    }

    private EmbeddingTable table(String name, int rows) {
        return part("embeddings." + name, new EmbeddingTable(rows, config.hidden()));
    }

    /** One that knows nothing: weights from N(0, 0.02²), as BERT starts its pre-training. */
    public static Bert random(BertConfig config, long seed, NDManager parent) {
        var bert = new Bert(config, parent);
        RandomWeights.into(bert.slots(), seed, bert.manager());
        return bert;
    }

    @Override
    public NDArray hidden(TokenBatch batch, boolean training) {
        return through(batch, training, false).reshape(batch.ids().getShape().add(config.hidden()));
    }

    /** The last layer is computed for the first tokens alone. */
    @Override
    public NDArray first(TokenBatch batch, boolean training) {
        return through(batch, training, true);
    }

    private NDArray through(TokenBatch batch, boolean training, boolean firstAlone) {
        // One row a token: on matrices, but not on batches of them, a linear map and its bias are
        // one operation of the engine.
        var hidden = embedded(batch, training).reshape(-1, config.hidden());
        var shape = batch.ids().getShape();
        var at =
                new Attention.Context(
                        shape.get(0), shape.get(1), masks.padding(batch.mask()), null, null);
        int last = layers.size() - 1;
        for (var layer : layers.subList(0, last)) {
            hidden = layer.forward(hidden, at, training);
        }
        return firstAlone
                ? layers.get(last).first(hidden, at, training)
                : layers.get(last).forward(hidden, at, training);
    }

    /** The sum of word, position and segment-type embeddings, normalised. */
    private NDArray embedded(TokenBatch batch, boolean training) {
        var sum = words.forward(batch.ids()).add(positions.forward(places(batch.ids())));
        if (types != null) {
            var none = batch.ids().getManager().zeros(new Shape(1), DataType.INT64);
            sum = sum.add(types.forward(batch.types() == null ? none : batch.types()));
        }
        return dropout.apply(norm.forward(sum), training);
    }

    /** 0, 1, 2, ...; or counted from the id of padding over the tokens that are none. */
    private NDArray places(NDArray ids) {
        int first = config.variant().padding() + 1;
        int length = Math.toIntExact(ids.getShape().get(1));
        int longest = config.positions() - first;
        if (length > longest) {
            throw new IllegalArgumentException(
                    ("a batch of length %s is longer than the %s positions of the encoder;"
                                    + " truncate when tokenizing")
                            .formatted(length, longest));
        }
        if (first == 0) {
            return ids.getManager().arange(0, length, 1, DataType.INT64);
        }
        var text = ids.neq(padding).toType(DataType.INT64, false);
        return text.cumSum(1).mul(text).add(padding);
    }

    /** The word embeddings, to which a masked-language head is tied. */
    EmbeddingTable words() {
        return words;
    }

    public BertConfig config() {
        return config;
    }

    @Override
    public String bodyName() {
        return config.variant().body();
    }

    @Override
    public int width() {
        return config.hidden();
    }

    @Override
    public int vocabulary() {
        return config.vocabulary();
    }

    /**
     * Normalised after each sum: a = norm(x + attention(x)), then norm(a + down(f(up a))). By
     * autograd; {@link WholeLayer} takes its place where LoRA alone is trained.
     */
    private static final class Layer extends ModuleBlock {

        private final Attention attention;
        private final NormLayer attentionNorm;
        private final FeedForward feedForward;
        private final NormLayer outputNorm;
        private final Regularizer dropout;
        private final WholeLayer whole;

        Layer(BertConfig config) {
            var names = config.variant();
            int hidden = config.hidden();
            var form = Attention.Form.plain(hidden, config.heads(), config.dropout());
            attention = part("attention", new Attention(form, names.attention()));
            attentionNorm = part(names.attentionNorm(), new NormLayer(hidden, config.norm()));
            var wide = new FeedForward.Form(hidden, config.intermediate(), true, names.f());
            feedForward = part(names.feedForwardPath(), new FeedForward(wide, names.feedForward()));
            outputNorm = part(names.outputNorm(), new NormLayer(hidden, config.norm()));
            dropout = new Regularizer(config.dropout());
            whole =
                    new WholeLayer(
                            WholeLayer.Norms.LAST,
                            attentionNorm,
                            attention,
                            outputNorm,
                            feedForward,
                            config.dropout() == 0);
        }

        /**
         * @param x (batch · length, hidden)
         * @return of the same shape, attached to the manager of x; what lies between is freed here
         *     as far as the backward pass does not need it
         */
        NDArray forward(NDArray x, Attention.Context at, boolean training) {
            var y = training ? whole.forward(x, at) : Optional.<NDArray>empty();
            if (y.isPresent()) {
                return y.get();
            }
            try (var scope = NDManager.subManagerOf(x)) {
                x.tempAttach(scope);
                return scope.ret(after(x, attention.forward(x, at, training), training));
            }
        }

        /** The same of the first token of each sequence, (batch, hidden). */
        NDArray first(NDArray x, Attention.Context at, boolean training) {
            var y = training ? whole.first(x, at) : Optional.<NDArray>empty();
            if (y.isPresent()) {
                return y.get();
            }
            try (var scope = NDManager.subManagerOf(x)) {
                x.tempAttach(scope);
                var asked = Attention.firsts(x, at);
                return scope.ret(after(asked, attention.first(x, at, training), training));
            }
        }

        /** All that comes behind attention and knows nothing of other tokens. */
        private NDArray after(NDArray x, NDArray attention, boolean training) {
            var mixed = dropout.apply(attention, training);
            var attended = attentionNorm.forward(mixed.add(x));
            var narrow = dropout.apply(feedForward.forward(attended, training), training);
            return outputNorm.forward(narrow.add(attended));
        }
    }
}
