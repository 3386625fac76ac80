package org.lowrank.engine;

import java.util.Arrays;

/**
 * In what the frozen base is held. Adapters, gradients and the optimizer's state are float32 beside
 * any of these.
 */
public enum Precision {
    float32,
    float16,
    bfloat16,
    /** As the file has it, block-quantised included. */
    as_stored;

    /**
     * {@code float32}, {@code float16}, {@code bfloat16} or {@code as_stored}.
     *
     * @throws IllegalArgumentException for another word; the message names these
     */
    public static Precision named(String text) {
        return Arrays.stream(values())
                .filter(precision -> precision.name().equals(text))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "precision \"%s\" is none of %s"
                                                .formatted(text, Arrays.toString(values()))));
    }
}
