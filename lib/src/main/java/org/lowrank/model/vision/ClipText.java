package org.lowrank.model.vision;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.List;
import org.lowrank.model.block.Attention;
import org.lowrank.model.block.AttentionMask;
import org.lowrank.model.block.DecoderLayer;
import org.lowrank.model.block.EmbeddingTable;
import org.lowrank.model.block.ModuleBlock;
import org.lowrank.model.block.NormLayer;
import org.lowrank.text.TokenBatch;

/** CLIP's tower for texts: each token sees itself and those before it; one stands for the text. */
final class ClipText extends ModuleBlock {

    /** The id with which first configurations name the last token wrongly. */
    private static final int OLD_END = 2;

    /**
     * @param positions the longest text, in tokens
     * @param end the id of the token that stands for the text, the first of them; 2 for that of the
     *     highest id, as CLIP's first configurations mean it
     */
    record Form(int vocabulary, int positions, DecoderLayer.Form layer, int layers, int end) {

        int width() {
            return layer.attention().width();
        }
    }

    private final Form form;
    private final EmbeddingTable words;
    private final EmbeddingTable positions;
    private final List<DecoderLayer> layers = new ArrayList<>();
    private final NormLayer lastNorm;
    private final AttentionMask masks;

    /**
     * @param owner lives as long as the model
     */
    ClipText(Form form, NDManager owner) {
        this.form = form;
        int width = form.width();
        words = part("embeddings.token_embedding", new EmbeddingTable(form.vocabulary(), width));
        positions =
                part("embeddings.position_embedding", new EmbeddingTable(form.positions(), width));
        for (int i = 0; i < form.layers(); i++) {
            layers.add(part("encoder.layers." + i, new DecoderLayer(form.layer())));
        }
        lastNorm = part("final_layer_norm", new NormLayer(width, form.layer().norm()));
        masks = new AttentionMask(owner);
    }

    Form form() {
        return form;
    }

    /** The normalised states (batch, length, width). */
    NDArray hidden(TokenBatch batch, boolean training) {
        var shape = batch.ids().getShape();
        long length = shape.get(1);
        if (length > form.positions()) {
            throw new IllegalArgumentException(
                    "a batch of length %d is longer than the %d positions of the text tower; truncate when tokenizing"
                            .formatted(length, form.positions()));
        }
        var places = batch.ids().getManager().arange(0, length, 1, DataType.INT64);
        var x = words.forward(batch.ids()).add(positions.forward(places));
        x = x.reshape(-1, form.width());
        var mask = masks.causal(batch.mask(), length, 0);
        var at = new Attention.Context(shape.get(0), length, mask, null, null);
        for (var layer : layers) {
            x = layer.forward(x, at, training);
        }
        return lastNorm.forward(x).reshape(shape.get(0), length, form.width());
    }

    /** The state of the token that stands for each text (batch, width). */
    NDArray pooled(TokenBatch batch, boolean training) {
        var hidden = hidden(batch, training);
        var ids = batch.ids().toLongArray();
        int length = Math.toIntExact(batch.ids().getShape().get(1));
        var rows = new long[ids.length / length];
        for (int row = 0; row < rows.length; row++) {
            rows[row] = (long) row * length + place(ids, row * length, length);
        }
        var chosen = hidden.getManager().create(rows);
        return EmbeddingTable.rows(hidden.reshape(-1, form.width()), chosen);
    }

    /** Where it is, from the beginning of the text; 0 if it is not there, as in transformers. */
    private int place(long[] ids, int from, int length) {
        int best = 0;
        for (int i = 0; i < length; i++) {
            long id = ids[from + i];
            if (form.end() == OLD_END ? id > ids[from + best] : id == form.end()) {
                best = i;
                if (form.end() != OLD_END) {
                    return best;
                }
            }
        }
        return best;
    }
}
