package org.lowrank.model.block;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.stream.Stream;

/** The keys and values of the tokens that a decoder has read, layer by layer, for generation. */
public final class Memory implements AutoCloseable {

    private final NDManager manager;
    private final List<KeyValues> layers;

    /**
     * @param count layers of the model
     * @param parent lives as long as the model
     */
    public Memory(int count, NDManager parent) {
        manager = parent.newSubManager();
        layers = Stream.generate(() -> new KeyValues(manager)).limit(count).toList();
    }

    /** The part of one layer. */
    public KeyValues layer(int i) {
        return layers.get(i);
    }

    /** The number of tokens of each sequence, padding among them. */
    public long length() {
        return layers.get(0).length();
    }

    /**
     * Keeps some sequences, in a new order; one may be kept several times (beam search).
     *
     * @param batch how many sequences there are now
     * @param rows those to keep, by their present place
     */
    public void select(long batch, long... rows) {
        layers.forEach(layer -> layer.select(batch, rows));
    }

    @Override
    public void close() {
        manager.close();
    }

    /** Keys and values of one layer, (batch · key heads, tokens, d), which grow. */
    public static final class KeyValues {

        private final NDManager owner;
        private NDArray keys;
        private NDArray values;

        private KeyValues(NDManager owner) {
            this.owner = owner;
        }

        private long length() {
            return keys == null ? 0 : keys.getShape().get(1);
        }

        /** Adds the keys of new tokens and gives those of all. */
        NDArray keys(NDArray added) {
            return keys = kept(keys, keys == null ? added.duplicate() : keys.concat(added, 1));
        }

        /** Adds the values of new tokens and gives those of all. */
        NDArray values(NDArray added) {
            return values =
                    kept(values, values == null ? added.duplicate() : values.concat(added, 1));
        }

        private NDArray kept(NDArray old, NDArray next) {
            next.attach(owner);
            if (old != null) {
                old.close();
            }
            return next;
        }

        private void select(long batch, long... rows) {
            if (keys != null) {
                keys = kept(keys, selected(keys, batch, rows));
                values = kept(values, selected(values, batch, rows));
            }
        }

        private NDArray selected(NDArray all, long batch, long... rows) {
            var shape = all.getShape();
            try (var scratch = owner.newSubManager()) {
                var flat = all.reshape(batch, shape.size() / batch);
                flat.attach(scratch);
                var some = EmbeddingTable.rows(flat, scratch.create(rows));
                some.attach(scratch);
                long heads = shape.get(0) / batch;
                var kept =
                        some.reshape(rows.length * heads, shape.get(1), shape.get(2)).duplicate();
                kept.attach(owner);
                return kept;
            }
        }
    }
}
