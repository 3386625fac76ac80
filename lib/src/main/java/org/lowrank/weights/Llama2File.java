package org.lowrank.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lowrank.weights.MappedTensors.Place;

/**
 * Opens the {@code .bin} of llama2.c (its first version, without a mark): seven whole numbers, then
 * float32 tensors in a fixed order, those of all layers behind each other. Names are those of
 * Meta's Llama ({@code layers.0.attention.wq.weight}); rows of wq and wk are interleaved for a
 * rotation of neighbours. The numbers are metadata by llama2.c's names.
 */
public final class Llama2File {

    private static final List<String> FIELDS =
            List.of(
                    "dim",
                    "hidden_dim",
                    "n_layers",
                    "n_heads",
                    "n_kv_heads",
                    "vocab_size",
                    "max_seq_len");

    private static final int HEADER = 4 * FIELDS.size();
    private static final int MOST = 1 << 20;

    private final Map<String, Object> header = new LinkedHashMap<>();
    private final List<Place> places = new ArrayList<>();
    private long position = HEADER;

    private Llama2File(List<Integer> numbers) {
        for (int i = 0; i < FIELDS.size(); i++) {
            header.put(FIELDS.get(i), (long) Math.abs(numbers.get(i)));
        }
        long dim = number("dim");
        long hidden = number("hidden_dim");
        long layers = number("n_layers");
        long keys = dim / number("n_heads") * number("n_kv_heads");
        add("tok_embeddings", number("vocab_size"), dim);
        stack("attention_norm", layers, dim);
        stack("attention.wq", layers, dim, dim);
        stack("attention.wk", layers, keys, dim);
        stack("attention.wv", layers, keys, dim);
        stack("attention.wo", layers, dim, dim);
        stack("ffn_norm", layers, dim);
        stack("feed_forward.w1", layers, hidden, dim);
        stack("feed_forward.w2", layers, dim, hidden);
        stack("feed_forward.w3", layers, hidden, dim);
        add("norm", dim);
        // a table of cosines and one of sines of the rotation, which a model computes itself
        position += number("max_seq_len") * (dim / number("n_heads")) * Float.BYTES;
        if (numbers.get(5) < 0) { // a negative vocabulary says that the head is its own
            add("output", number("vocab_size"), dim);
        }
    }

    /**
     * Opens a file.
     *
     * @throws MalformedFileException if its numbers do not explain its length
     */
    public static TensorSource open(Path path) throws IOException {
        return MappedTensors.open(path, Llama2File::read);
    }

    private static MappedTensors read(MappedFile file) throws IOException {
        var head = new byte[(int) Math.min(HEADER, file.length())];
        file.bytes(0, head.length).get(head);
        var layout = layout(head);
        if (layout == null || layout.position != file.length()) {
            throw new MalformedFileException(
                    file.path(),
                    "header",
                    layout == null
                            ? "holds no sizes of a model of llama2.c"
                            : String.format(
                                    "%s need %d bytes, but the file has %d: it is cut off, or of"
                                            + " another version of llama2.c",
                                    layout.header, layout.position, file.length()));
        }
        return new MappedTensors(file.path(), file, layout.places, layout.header);
    }

    /** True if a file of this length that begins so can only be one of llama2.c. */
    static boolean explains(byte[] head, long length) {
        var layout = layout(head);
        return layout != null && layout.position == length;
    }

    private static Llama2File layout(byte[] head) {
        if (head.length < HEADER) {
            return null;
        }
        var in = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
        var numbers = new ArrayList<Integer>();
        for (int i = 0; i < FIELDS.size(); i++) {
            int number = in.getInt();
            boolean mayBeNegative = i == 5;
            if (number == 0 || number > MOST || number < (mayBeNegative ? -MOST : 1)) {
                return null;
            }
            numbers.add(number);
        }
        boolean heads = numbers.get(0) % numbers.get(3) == 0 && numbers.get(3) >= numbers.get(4);
        return heads && numbers.get(2) <= 1 << 10 ? new Llama2File(numbers) : null;
    }

    private long number(String field) {
        return (Long) header.get(field);
    }

    private void stack(String name, long layers, long... shape) {
        for (long layer = 0; layer < layers; layer++) {
            add("layers." + layer + "." + name, shape);
        }
    }

    private void add(String name, long... shape) {
        var dims = new ArrayList<Long>();
        long bytes = Float.BYTES;
        for (long size : shape) {
            dims.add(size);
            bytes *= size; // at most 2^42 by the limits above
        }
        places.add(
                new Place(new TensorInfo(name + ".weight", TensorType.F32, dims, bytes), position));
        position += bytes;
    }
}
