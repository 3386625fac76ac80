package org.lowrank.model.generate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lowrank.engine.NoGraph;
import org.lowrank.model.block.Autoregressive;
import org.lowrank.model.block.EmbeddingTable;
import org.lowrank.model.block.Memory;

/**
 * Texts that are being continued together: prompts themselves, or what a model writes that has read
 * them. Shorter ones are padded on the left, where the mask hides the padding and positions are
 * counted from the first token; keys and values are kept, so that each token is read once.
 *
 * <pre>{@code
 * try (var texts = new Continuation(model, prompts, padId)) {
 *     var logits = texts.next(step);      // (rows, vocabulary)
 *     texts.append(chosen);               // one id a row; then next again
 * }
 * }</pre>
 */
public final class Continuation implements AutoCloseable {

    private final Autoregressive model;
    private final Memory memory;
    private final List<float[]> masks = new ArrayList<>();
    private final List<Long> positions = new ArrayList<>();
    private long[][] pendingIds;
    private long[][] pendingPositions;
    private int read;

    /**
     * @param prompts token ids of each text, at least one each
     * @param padId what stands before shorter texts; any id will do
     */
    public Continuation(Autoregressive model, List<int[]> prompts, int padId) {
        if (prompts.isEmpty() || prompts.stream().anyMatch(prompt -> prompt.length == 0)) {
            throw new IllegalArgumentException(
                    "a text that is continued needs at least one token to begin with, and there"
                            + " must be one text or more; give the model's bos token");
        }
        this.model = model;
        var begun = NoGraph.of(() -> model.begin(prompts, padId));
        memory = begun.memory();
        begin(begun.tokens(), padId);
    }

    private void begin(List<int[]> prompts, int padId) {
        int length = prompts.stream().mapToInt(prompt -> prompt.length).max().orElseThrow();
        pendingIds = new long[prompts.size()][length];
        pendingPositions = new long[prompts.size()][length];
        for (int row = 0; row < prompts.size(); row++) {
            var prompt = prompts.get(row);
            int from = length - prompt.length;
            Arrays.fill(pendingIds[row], 0, from, padId);
            var mask = new float[length];
            for (int i = from; i < length; i++) {
                pendingIds[row][i] = prompt[i - from];
                pendingPositions[row][i] = i - from;
                mask[i] = 1;
            }
            masks.add(mask);
            positions.add((long) prompt.length);
        }
    }

    public int size() {
        return masks.size();
    }

    /**
     * What may follow each text.
     *
     * @param step frees what the pass makes
     * @return (rows, vocabulary), attached to the step
     * @throws IllegalStateException if nothing was appended since the last call
     */
    public NDArray next(NDManager step) {
        if (pendingIds == null) {
            throw new IllegalStateException("append a token to each text before the next pass");
        }
        int rows = size();
        int length = pendingIds[0].length;
        read += length;
        var ids = step.create(flat(pendingIds), new Shape(rows, length));
        var mask = step.create(flatMask(), new Shape(rows, read));
        var at = new Autoregressive.Passage(pendingPositions, memory);
        var last = new long[rows];
        Arrays.setAll(last, row -> (row + 1L) * length - 1);
        pendingIds = null;
        return NoGraph.of(
                () -> {
                    var hidden = model.hidden(ids, mask, at, false);
                    return model.logits(EmbeddingTable.rows(hidden, step.create(last)));
                });
    }

    private static long[] flat(long[][] rows) {
        return Arrays.stream(rows).flatMapToLong(Arrays::stream).toArray();
    }

    private float[] flatMask() {
        var flat = new float[size() * read];
        for (int row = 0; row < size(); row++) {
            var mask = masks.get(row);
            System.arraycopy(mask, 0, flat, row * read, mask.length);
            Arrays.fill(flat, row * read + mask.length, (row + 1) * read, 1);
        }
        return flat;
    }

    public void append(int... tokens) {
        pendingIds = new long[size()][];
        pendingPositions = new long[size()][];
        for (int row = 0; row < size(); row++) {
            pendingIds[row] = new long[] {tokens[row]};
            pendingPositions[row] = new long[] {positions.get(row)};
            positions.set(row, positions.get(row) + 1);
        }
    }

    /**
     * Keeps some of the texts, in a new order; one may be kept several times. To be called before
     * {@link #append}.
     */
    public void keep(int... rows) {
        memory.select(Arrays.stream(rows).asLongStream().toArray());
        var oldMasks = List.copyOf(masks);
        var oldPositions = List.copyOf(positions);
        masks.clear();
        positions.clear();
        for (int row : rows) {
            masks.add(oldMasks.get(row));
            positions.add(oldPositions.get(row));
        }
    }

    @Override
    public void close() {
        memory.close();
    }
}
