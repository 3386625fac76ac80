package org.lowrank.experiment.memory;

import java.io.IOException;
import java.util.Locale;
import java.util.TreeSet;
import org.lowrank.engine.Packing;
import org.lowrank.engine.Precision;
import org.lowrank.model.PretrainedModel;
import org.lowrank.weights.TensorType;

/**
 * The bytes that a weight takes in the memory of the device.
 *
 * @param ofMaps a number of a linear map within the model
 * @param ofOthers a number of a table of words, of a head, of a norm
 */
public record Base(String name, double ofMaps, double ofOthers) {

    public static final Base FLOAT32 = new Base(Precision.float32.name(), 4, 4);
    public static final Base BFLOAT16 = new Base(Precision.bfloat16.name(), 2, 2);

    /** GGUF's usual mixture: maps in blocks of 4.5 bits, tables and head of 6.5625. */
    public static final Base Q4_K = new Base("Q4_K", Packing.Q4_K.bytes(), Packing.Q6_K.bytes());

    /** Whether products make float32 numbers of a weight when they need them. */
    boolean isPacked() {
        return ofMaps < Float.BYTES;
    }

    /**
     * Of a model whose files are at hand.
     *
     * @param size of the model; an encoder's table of words is float32 in any precision
     */
    static Base of(Precision precision, PretrainedModel opened, ModelSize size) throws IOException {
        return switch (precision) {
            case float32 -> FLOAT32;
            case bfloat16, float16 -> new Base(precision.name(), 2, size.decoder() ? 2 : 4);
            case as_stored -> stored(opened, size);
        };
    }

    private static Base stored(PretrainedModel opened, ModelSize size) throws IOException {
        var ofMaps = new Sum();
        var ofOthers = new Sum();
        var types = new TreeSet<String>();
        for (var name : opened.weights().names()) {
            var place = opened.place(name);
            var info = opened.weights().info(name);
            if (place.isEmpty() || !info.type().isFloat()) {
                continue;
            }
            var path = place.get().parameter().replaceFirst("\\.weight$", "");
            boolean isMap = size.maps().stream().anyMatch(map -> map.path().equals(path));
            boolean packed = info.shape().size() == 2 && (isMap || size.decoder());
            double bytes = packed ? bytes(info.type()) : Float.BYTES;
            (isMap ? ofMaps : ofOthers).add(info.elements(), bytes);
            types.add(packed ? info.type().name() : TensorType.F32.name());
        }
        var name = String.format(Locale.ROOT, "as stored (%s)", String.join(", ", types));
        return new Base(name, ofMaps.mean(), ofOthers.mean());
    }

    private static double bytes(TensorType type) {
        return (double) type.blockBytes() / type.blockElements();
    }

    /** Bytes of some numbers. */
    private static final class Sum {
        private double bytes;
        private double numbers;

        void add(long count, double each) {
            bytes += count * each;
            numbers += count;
        }

        double mean() {
            return numbers == 0 ? Float.BYTES : bytes / numbers;
        }
    }
}
