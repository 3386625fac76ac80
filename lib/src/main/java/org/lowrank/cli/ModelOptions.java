package org.lowrank.cli;

import java.util.Optional;
import org.lowrank.engine.Precision;
import picocli.CommandLine.Option;

/** The model of a command, and how long its answers may be. */
final class ModelOptions {

    @Option(
            names = "--model",
            required = true,
            paramLabel = "NAME|FOLDER|FILE",
            description = "The model: a published name, a Hugging Face folder, a GGUF file.")
    private String model;

    @Option(
            names = "--new-tokens",
            paramLabel = "N",
            description = "The most tokens of an answer (256; tune: 64; score: as the set has it).")
    private Integer newTokens;

    @Option(
            names = "--precision",
            paramLabel = "P",
            defaultValue = "float32",
            description =
                    "In what the base is held: float32, float16, bfloat16, or as_stored, the blocks"
                            + " of a GGUF file as they lie (${DEFAULT-VALUE}).")
    private Precision precision;

    Precision precision() {
        return precision;
    }

    String model() {
        return model;
    }

    Optional<Integer> newTokens() {
        return Optional.ofNullable(newTokens);
    }
}
