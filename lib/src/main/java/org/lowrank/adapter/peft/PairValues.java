package org.lowrank.adapter.peft;

import java.io.IOException;
import java.util.Map;
import java.util.stream.IntStream;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.LayerKind;
import org.lowrank.adapter.kind.AdaLora;
import org.lowrank.adapter.kind.AdaLoraAdapter;
import org.lowrank.adapter.kind.Dora;
import org.lowrank.adapter.kind.DoraAdapter;

/**
 * The values of one adapter as read from a file.
 *
 * @param loraA (r, in)
 * @param loraB (out, r)
 * @param extra DoRA's magnitude (out), AdaLoRA's singular values (r), or null
 */
record PairValues(float[] loraA, float[] loraB, float[] extra) {

    /** What the model and the configuration ask for. */
    record Shape(AdaptableLinear layer, int rank) {

        long out() {
            return layer.out();
        }

        long in() {
            return layer.in();
        }

        /** What PEFT calls A, or B. */
        String name(String factor) {
            return (isTable() ? "lora_embedding_" : "lora_") + factor;
        }

        boolean isTable() {
            return layer.role() == AdaptableLinear.Role.TABLE;
        }

        /** Of A with so many rows: of a convolution (r, channels, kernel, kernel). */
        long[] ofA(long rows) {
            return layer.weightShape(rows).getShape();
        }

        /** Of B: of a convolution that mixes channels (out, r, 1, 1). */
        long[] ofB(long columns) {
            return layer.patches() == null
                    ? new long[] {layer.out(), columns}
                    : new long[] {layer.out(), columns, 1, 1};
        }

        long[] ofMagnitude() {
            return layer.patches() == null
                    ? new long[] {layer.out()}
                    : new long[] {1, layer.out(), 1, 1};
        }
    }

    /**
     * @param path the module path as the file has it
     * @param kept AdaLoRA: the triplets that are in the file, by {@code PATH.lora_E}
     * @throws IOException if a tensor is missing or of another shape
     */
    static PairValues read(
            AdapterTensors tensors,
            String path,
            Shape shape,
            LayerKind kind,
            Map<String, boolean[]> kept)
            throws IOException {
        long r = shape.rank();
        if (kind instanceof AdaLora) {
            return readTriplets(tensors, path, shape, kept.get(path + ".lora_E"));
        }
        if (tensors.has(path, AdaLoraAdapter.SINGULAR_VALUES)
                || !(kind instanceof Dora) && tensors.has(path, DoraAdapter.MAGNITUDE)) {
            throw tensors.refusal(
                    PeftKey.PREFIX + path, "has tensors that the configuration does not speak of");
        }
        if (tensors.has(path, "lora_embedding_A") && !shape.isTable()) {
            throw tensors.refusal(
                    PeftKey.PREFIX + path,
                    "is for a table of embeddings, which the model has not there");
        }
        return new PairValues(
                tensors.read(path, shape.name("A"), shape.ofA(r)),
                tensors.read(path, shape.name("B"), shape.ofB(r)),
                kind instanceof Dora
                        ? tensors.read(path, DoraAdapter.MAGNITUDE, shape.ofMagnitude())
                        : null);
    }

    private static PairValues readTriplets(
            AdapterTensors tensors, String path, Shape shape, boolean[] kept) throws IOException {
        if (kept == null) {
            return stored(tensors, path, shape, shape.rank());
        }
        var places = places(tensors, path, shape.rank(), kept);
        return stored(tensors, path, shape, places.length).spread(places, shape);
    }

    /** The triplets as the file has them, without those that were pruned. */
    private static PairValues stored(AdapterTensors tensors, String path, Shape shape, int inFile)
            throws IOException {
        return new PairValues(
                tensors.read(path, "lora_A", inFile, shape.in()),
                tensors.read(path, "lora_B", shape.out(), inFile),
                tensors.read(path, AdaLoraAdapter.SINGULAR_VALUES, inFile, 1));
    }

    /** Pruned triplets are not in the file: they come back as zeros, in their places. */
    private PairValues spread(int[] places, Shape shape) {
        int rank = shape.rank();
        int in = Math.toIntExact(shape.in());
        int out = Math.toIntExact(shape.out());
        var spread = new PairValues(new float[rank * in], new float[out * rank], new float[rank]);
        for (int i = 0; i < places.length; i++) {
            System.arraycopy(loraA, i * in, spread.loraA, places[i] * in, in);
            spread.extra[places[i]] = extra[i];
            for (int row = 0; row < out; row++) {
                spread.loraB[row * rank + places[i]] = loraB[row * places.length + i];
            }
        }
        return spread;
    }

    private static int[] places(AdapterTensors tensors, String path, int rank, boolean[] kept)
            throws IOException {
        if (kept.length != rank) {
            throw tensors.refusal(
                    PeftKey.PREFIX + path,
                    "rank_pattern has " + kept.length + " flags, init_r is " + rank);
        }
        return IntStream.range(0, rank).filter(i -> kept[i]).toArray();
    }
}
