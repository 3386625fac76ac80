package org.lowrank.engine;

import java.util.Arrays;
import java.util.Locale;

/**
 * In what the frozen base is held. Adapters, gradients and the optimizer's state are float32 beside
 * any of these.
 */
public enum Precision {
    FLOAT32,
    FLOAT16,
    BFLOAT16,
    /** As the file has it, block-quantised included. */
    AS_STORED;

    /**
     * {@code float32}, {@code float16}, {@code bfloat16} or {@code as_stored}.
     *
     * @throws IllegalArgumentException for another word; the message names these
     */
    public static Precision named(String text) {
        return Arrays.stream(values())
                .filter(precision -> precision.toString().equals(text))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "precision \"%s\" is none of %s"
                                                .formatted(text, Arrays.toString(values()))));
    }

    /** As in configurations. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
