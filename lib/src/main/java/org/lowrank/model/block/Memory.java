package org.lowrank.model.block;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.stream.Stream;
import org.lowrank.engine.TorchProgram;

/**
 * The keys and values of the tokens that a decoder has read, layer by layer, for generation; where
 * it attends to another text also those of that text, which do not grow.
 */
public final class Memory implements AutoCloseable {

    private final NDManager manager;
    private final List<KeyValues> layers;
    private List<Attention.Read> read = List.of();
    private NDArray mask;

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
        return layers.get(0).length;
    }

    /**
     * Keeps some sequences, in a new order; one may be kept several times (beam search).
     *
     * @param rows those to keep, by their present place
     */
    public void select(long... rows) {
        layers.forEach(layer -> layer.select(rows));
        if (mask != null) {
            var old = read;
            var oldMask = mask;
            try (var places = manager.create(rows)) {
                read =
                        old.stream()
                                .map(text -> selected(text.keys(), text.values(), places))
                                .toList();
                var twice = selected(oldMask, oldMask, places);
                mask = twice.keys();
                twice.values().close();
            }
            old.forEach(Memory::close);
            oldMask.close();
        }
    }

    private Attention.Read selected(NDArray keys, NDArray values, NDArray places) {
        var kept = Programs.CACHE.run(manager, "select", keys, values, places);
        return new Attention.Read(kept.get(0), kept.get(1));
    }

    private static void close(Attention.Read text) {
        text.keys().close();
        text.values().close();
    }

    /**
     * Remembers another text.
     *
     * @param layers its keys and values for each layer
     * @param padding the mask of its padding (batch, ...)
     */
    public void read(List<Attention.Read> layers, NDArray padding) {
        read = List.copyOf(layers);
        mask = padding;
        for (var text : read) {
            text.keys().attach(manager);
            text.values().attach(manager);
        }
        mask.attach(manager);
    }

    /**
     * The keys and values of another text, layer by layer; none if none was read.
     *
     * @param step owner of these handles, and so of what is made from them
     */
    public List<Attention.Read> read(NDManager step) {
        return read.stream()
                .map(
                        text ->
                                new Attention.Read(
                                        handle(text.keys(), step), handle(text.values(), step)))
                .toList();
    }

    private static NDArray handle(NDArray array, NDManager step) {
        var handle = array.reshape(array.getShape());
        handle.attach(step);
        return handle;
    }

    /** The mask of the padding of another text, or null. */
    public NDArray mask() {
        return mask;
    }

    @Override
    public void close() {
        manager.close();
    }

    /**
     * Keys and values of one layer, (batch, key heads, room, d). There is room for more tokens than
     * are remembered: new ones are written in place, and all of it is copied once in {@value
     * #BLOCK} tokens alone.
     */
    public static final class KeyValues {

        private static final int BLOCK = 64;

        private final NDManager owner;
        private NDArray keys;
        private NDArray values;
        private long length;

        private KeyValues(NDManager owner) {
            this.owner = owner;
        }

        /**
         * Remembers new tokens, and lets them attend to all that are remembered: softmax(Q Kᵀ ·
         * scale + mask) V. Outside every graph.
         *
         * @param q queries (batch, new tokens, heads, d), not turned yet
         * @param k keys (batch, new tokens, key heads, d), which divide the heads
         * @param v values of the same shape
         * @param at with the mask (batch or 1, heads or 1, new tokens or 1, all tokens)
         * @return (batch · new tokens, heads · d), attached to the manager of q
         */
        NDArray attend(NDArray q, NDArray k, NDArray v, Attention.Context at, double scale) {
            long all = length + k.getShape().get(1);
            if (keys == null || keys.getShape().get(2) < all) {
                long room = (all / BLOCK + 1) * BLOCK;
                keys = kept(keys, grown(keys, k, room));
                values = kept(values, grown(values, v, room));
            }
            var scope = q.getManager();
            var turn = at.rotation();
            var mixed =
                    turn == null
                            ? Programs.CACHE.run(
                                    scope, "attend", q, k, v, keys, values, at.mask(), length,
                                    scale)
                            : Programs.CACHE.run(
                                    scope,
                                    "attend_turned",
                                    q,
                                    k,
                                    v,
                                    turn.cos(),
                                    turn.sin(),
                                    keys,
                                    values,
                                    at.mask(),
                                    length,
                                    scale);
            length = all;
            return mixed.singletonOrThrow();
        }

        private NDArray grown(NDArray old, NDArray added, long room) {
            var shape = added.getShape();
            var empty = owner.zeros(new Shape(shape.get(0), shape.get(2), room, shape.get(3)));
            if (old != null) {
                Programs.CACHE.run(owner, "begin", empty, old, length).close();
            }
            return empty;
        }

        private NDArray kept(NDArray old, NDArray next) {
            if (old != null) {
                old.close();
            }
            return next;
        }

        private void select(long... rows) {
            if (keys != null) {
                try (var places = owner.create(rows)) {
                    var kept = Programs.CACHE.run(owner, "select", keys, values, places);
                    keys = kept(keys, kept.get(0));
                    values = kept(values, kept.get(1));
                }
            }
        }
    }

    /** Loaded when first asked for. */
    private static final class Programs {
        /** Queries that share a key head stand below each other in one product with it. */
        static final TorchProgram CACHE =
                TorchProgram.of(
                        """
                        def attend(self, q: Tensor, k: Tensor, v: Tensor, keys: Tensor, values: Tensor, mask: Tensor, past: int, scale: float) -> Tensor:
                          batch = torch.size(q, 0)
                          length = torch.size(q, 1)
                          heads = torch.size(q, 2)
                          shared = torch.size(k, 2)
                          d = torch.size(k, 3)
                          all = torch.add(past, length)
                          _0 = torch.copy_(torch.slice(keys, 2, past, all), torch.transpose(k, 1, 2))
                          _1 = torch.copy_(torch.slice(values, 2, past, all), torch.transpose(v, 1, 2))
                          rows = torch.reshape(torch.transpose(q, 1, 2), [batch, shared, -1, d])
                          if torch.gt(torch.size(mask, 1), 1):
                            seen = torch.reshape(mask, [torch.size(mask, 0), shared, -1, all])
                          else:
                            if torch.gt(torch.size(mask, 2), 1):
                              seen = torch.repeat(mask, [1, 1, torch.floordiv(heads, shared), 1])
                            else:
                              seen = mask
                          mixed = torch.scaled_dot_product_attention(rows, torch.slice(keys, 2, 0, all), torch.slice(values, 2, 0, all), seen, 0., False, scale=scale)
                          byHead = torch.reshape(mixed, [batch, heads, length, d])
                          return torch.reshape(torch.transpose(byHead, 1, 2), [torch.mul(batch, length), torch.mul(heads, d)])

                        def turned(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
                          first, second = torch.chunk(x, 2, -1)
                          crossed = torch.cat([second, first], -1)
                          return torch.add(torch.mul(x, cos), torch.mul(crossed, sin))

                        def attend_turned(self, q: Tensor, k: Tensor, v: Tensor, cos: Tensor, sin: Tensor, keys: Tensor, values: Tensor, mask: Tensor, past: int, scale: float) -> Tensor:
                          return (self).attend((self).turned(q, cos, sin), (self).turned(k, cos, sin), v, keys, values, mask, past, scale)

                        def begin(self, longer: Tensor, old: Tensor, length: int) -> Tensor:
                          return torch.copy_(torch.slice(longer, 2, 0, length), torch.slice(old, 2, 0, length))

                        def select(self, keys: Tensor, values: Tensor, rows: Tensor) -> Tuple[Tensor, Tensor]:
                          return (torch.index_select(keys, 0, rows), torch.index_select(values, 0, rows))
                        """);
    }
}
