package org.lowrank.weights;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** The numbers that GGUF gives to types of tensors (ggml.h, enum ggml_type). */
final class GgufTypes {

    /** By number; those that no file has any more are marked. */
    private static final List<String> NAMES =
            List.of(
                    "F32",
                    "F16",
                    "Q4_0",
                    "Q4_1",
                    "Q4_2, removed",
                    "Q4_3, removed",
                    "Q5_0",
                    "Q5_1",
                    "Q8_0",
                    "Q8_1",
                    "Q2_K",
                    "Q3_K",
                    "Q4_K",
                    "Q5_K",
                    "Q6_K",
                    "Q8_K",
                    "IQ2_XXS",
                    "IQ2_XS",
                    "IQ3_XXS",
                    "IQ1_S",
                    "IQ4_NL",
                    "IQ3_S",
                    "IQ2_S",
                    "IQ4_XS",
                    "I8",
                    "I16",
                    "I32",
                    "I64",
                    "F64",
                    "IQ1_M",
                    "BF16",
                    "Q4_0_4_4, removed",
                    "Q4_0_4_8, removed",
                    "Q4_0_8_8, removed",
                    "TQ1_0",
                    "TQ2_0",
                    "IQ4_NL_4_4, removed",
                    "IQ4_NL_4_8, removed",
                    "IQ4_NL_8_8, removed",
                    "MXFP4",
                    "NVFP4");

    private static final List<TensorType> TYPES =
            NAMES.stream().map(GgufTypes::typeNamed).collect(Collectors.toList());

    private GgufTypes() {}

    /** The type of this number, or null if it is not read here. */
    static TensorType numbered(long number) {
        return number < TYPES.size() ? TYPES.get((int) number) : null;
    }

    /** Why a number is refused. */
    static String refusal(long number) {
        var name = number < NAMES.size() ? NAMES.get((int) number) : "unknown";
        return "is of type "
                + number
                + " ("
                + name
                + "), which is not read; these are: "
                + TYPES.stream()
                        .filter(Objects::nonNull)
                        .map(TensorType::name)
                        .collect(Collectors.joining(", "));
    }

    private static TensorType typeNamed(String name) {
        return Arrays.stream(TensorType.values())
                .filter(type -> type.name().equals(name))
                .findFirst()
                .orElse(null);
    }
}
