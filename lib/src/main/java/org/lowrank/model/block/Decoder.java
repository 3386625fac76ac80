package org.lowrank.model.block;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.FrozenWeight;
import org.lowrank.adapter.PackedWeight;
import org.lowrank.adapter.TableWeight;
import org.lowrank.engine.GraphConstants;
import org.lowrank.text.TokenBatch;

/**
 * A decoder: embeddings, layers that see what came before, a last normalisation, and a head over
 * the vocabulary, which may be the table of the embeddings. What sets families apart stands in the
 * record; names are those of transformers.
 */
public final class Decoder extends NetworkBlock implements CausalModel {

    private static final String HEAD_MODULE = "lm_head";

    /** The path of the weight of a head of its own. */
    public static final String HEAD = HEAD_MODULE + ".weight";

    /**
     * @param vocabulary rows of the embedding
     * @param positions the longest text that the model was made for
     * @param width of a token's vector
     * @param words the path of the embedding's table
     * @param places the path of the table of learned positions, or null
     * @param rotary the rotation of positions, or null
     * @param scale what embeddings are multiplied by
     * @param dropout on the embeddings, in training
     * @param layer the path of layer {@code %d}
     * @param lastNorm the path of the last normalisation
     * @param tied whether the head is the embedding's table
     */
    public record Form(
            int vocabulary,
            int positions,
            int width,
            String words,
            String places,
            RotaryPositions.Form rotary,
            double scale,
            double dropout,
            String layer,
            List<DecoderLayer.Form> layers,
            String lastNorm,
            boolean tied) {

        public Form {
            layers = List.copyOf(layers);
        }
    }

    private final Form form;
    private final AdaptableLinear words;
    private final EmbeddingTable places;
    private final RotaryPositions rotary;
    private final Regularizer dropout;
    private final List<DecoderLayer> layers = new ArrayList<>();
    private final NormLayer lastNorm;
    private final AttentionMask masks;
    private final NDArray scale;
    private AdaptableLinear head;

    /**
     * A network whose slots are still to be filled.
     *
     * @param ownHead whether there is a place for a head of its own; where the form says tied, and
     *     what comes into it is the embedding's table, it is tied after all
     */
    public Decoder(Form form, boolean ownHead, NDManager parent) {
        super("decoder", parent);
        this.form = form;
        words = part(form.words(), AdaptableLinear.table(form.vocabulary(), form.width()));
        places =
                form.places() == null
                        ? null
                        : part(form.places(), new EmbeddingTable(form.positions(), form.width()));
        rotary = form.rotary() == null ? null : new RotaryPositions(form.rotary());
        dropout = new Regularizer(form.dropout());
        for (int i = 0; i < form.layers().size(); i++) {
            var layer = new DecoderLayer(form.layers().get(i));
            layers.add(part(form.layer().replace("%d", Integer.toString(i)), layer));
        }
        var norm = form.layers().get(0).norm();
        lastNorm = part(form.lastNorm(), new NormLayer(form.width(), norm));
        masks = new AttentionMask(manager());
        scale = GraphConstants.scalar(manager(), form.scale(), DataType.FLOAT32);
        head = ownHead ? ownHead() : null;
    }

    private AdaptableLinear ownHead() {
        return part(HEAD_MODULE, AdaptableLinear.head(form.width(), form.vocabulary()));
    }

    /** One that knows nothing: weights from N(0, 0.02²), tied if the form says so. */
    public static Decoder random(Form form, long seed, NDManager parent) {
        var decoder = new Decoder(form, !form.tied(), parent);
        RandomWeights.into(decoder.slots(), seed, decoder.manager());
        return decoder;
    }

    @Override
    public void filled() {
        if (head != null && form.tied() && table(head).contentEquals(table(words))) {
            remove(HEAD_MODULE);
            head.close();
            head = null;
        }
    }

    @Override
    public NDArray hidden(NDArray ids, NDArray mask, Passage at, boolean training) {
        var pass = pass(ids, mask, at);
        var x = embedded(pass, training);
        for (int i = 0; i < layers.size(); i++) {
            try (var before = x) { // the graph keeps of it what it needs
                x = layers.get(i).forward(before, pass.contexts().get(i), training);
            }
        }
        return lastNorm.forward(x);
    }

    @Override
    public NDArray backwardByLayer(TokenBatch batch, int seed, UnaryOperator<NDArray> loss) {
        var pass = pass(batch.ids(), batch.mask(), Passage.WHOLE);
        var stages = new ArrayList<UnaryOperator<NDArray>>();
        for (int i = 0; i < layers.size(); i++) {
            var layer = layers.get(i);
            var context = pass.contexts().get(i);
            stages.add(x -> layer.forward(x, context, true));
        }
        UnaryOperator<NDArray> last = x -> loss.apply(lastNorm.forward(x));
        boolean trained =
                table(words).hasGradient()
                        || words.adapter() != null
                        || places != null && places.weight().hasGradient();
        return new LayerByLayer(seed).backward(() -> embedded(pass, true), trained, stages, last);
    }

    /**
     * What the layers of one pass are told.
     *
     * @param positions (batch, length), or null for those that follow what is remembered
     * @param past the number of remembered tokens
     */
    private record Pass(
            NDArray ids, NDArray positions, long past, List<Attention.Context> contexts) {}

    private Pass pass(NDArray ids, NDArray mask, Passage at) {
        long length = ids.getShape().get(1);
        long past = at.past();
        requireRoom(past + length);
        var step = ids.getManager();
        var positions = at.positions() == null ? null : placed(at.positions(), step);
        var rotation = rotation(positions, at, length, step);
        var biases = new HashMap<Integer, NDArray>();
        var contexts = new ArrayList<Attention.Context>();
        for (int i = 0; i < layers.size(); i++) {
            int window = form.layers().get(i).window();
            var bias = biases.computeIfAbsent(window, w -> masks.causal(mask, length, w));
            var memory = at.memory() == null ? null : at.memory().layer(i);
            contexts.add(
                    new Attention.Context(ids.getShape().get(0), length, bias, rotation, memory));
        }
        return new Pass(ids, positions, past, contexts);
    }

    private void requireRoom(long length) {
        if (places != null && length > form.positions()) {
            throw new IllegalArgumentException(
                    "a text of %d tokens is longer than the %d positions of the model; cut it, or generate less"
                            .formatted(length, form.positions()));
        }
    }

    private static NDArray placed(long[][] positions, NDManager step) {
        var flat = Arrays.stream(positions).flatMapToLong(Arrays::stream).toArray();
        return step.create(flat, new Shape(positions.length, flat.length / positions.length));
    }

    /** (batch · length, width). */
    private NDArray embedded(Pass pass, boolean training) {
        var ids = pass.ids();
        var rows = words.forward(ids, training);
        if (form.scale() != 1) {
            rows = rows.mul(scale);
        }
        if (places != null) {
            int from = Math.toIntExact(pass.past());
            int to = from + Math.toIntExact(ids.getShape().get(1));
            var at =
                    pass.positions() == null
                            ? ids.getManager().arange(from, to, 1, DataType.INT64)
                            : pass.positions();
            rows = rows.add(places.forward(at));
        }
        return dropout.apply(rows, training).reshape(-1, form.width());
    }

    private RotaryPositions.Rotation rotation(
            NDArray positions, Passage at, long length, NDManager step) {
        if (rotary == null) {
            return null;
        }
        if (positions == null) {
            return rotary.from(at.past(), length, manager(), step);
        }
        long last = Arrays.stream(at.positions()).flatMapToLong(Arrays::stream).max().orElse(0);
        return rotary.at(positions, last + 1, manager());
    }

    @Override
    public NDArray logits(NDArray hidden) {
        return head == null
                ? words.weight().asHead().product(hidden, null)
                : head.forward(hidden, false);
    }

    @Override
    public Optional<FrozenWeight> frozenHead() {
        if (head != null) {
            return head.terms().filter(of -> of.pair() == null).map(AdaptableLinear.Terms::weight);
        }
        return Optional.of(words.weight())
                .filter(of -> of instanceof TableWeight || of instanceof PackedWeight)
                .filter(of -> of.type() == DataType.FLOAT32 && !of.stored().hasGradient())
                .map(FrozenWeight::asHead);
    }

    private static NDArray table(AdaptableLinear of) {
        return of.weight().stored();
    }

    @Override
    public void untie(String name) {
        var module = "." + name.replaceFirst("\\.weight$", "");
        boolean isOne =
                ("." + form.words()).endsWith(module) || ("." + HEAD).equals(module + ".weight");
        if (head == null && isOne) {
            head = ownHead();
            head.hold(words.weight().asHead().copy(manager()));
        }
    }

    /** Whether the head is the table of the embeddings. */
    public boolean isTied() {
        return head == null;
    }

    @Override
    public Memory memory() {
        return new Memory(layers.size(), manager());
    }

    @Override
    public int vocabulary() {
        return form.vocabulary();
    }

    @Override
    public int positions() {
        return form.positions();
    }
}
