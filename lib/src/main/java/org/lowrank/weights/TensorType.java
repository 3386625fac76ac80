package org.lowrank.weights;

import java.util.List;

/**
 * How the elements of a tensor lie in a file. The plain types come first, in the order in which a
 * safetensors writer lays tensors out (the last one first), so that each tensor is aligned to its
 * elements. The block types are those of GGUF: some elements of a row share scales, {@link
 * BlockDecoder} has their layouts.
 */
public enum TensorType {
    BOOL(1, 1),
    U8(1, 1),
    I8(1, 1),
    F8_E5M2(1, 1),
    F8_E4M3(1, 1),
    I16(1, 2),
    U16(1, 2),
    F16(1, 2),
    BF16(1, 2),
    I32(1, 4),
    U32(1, 4),
    F32(1, 4),
    F64(1, 8),
    I64(1, 8),
    U64(1, 8),
    Q4_0(32, 18),
    Q4_1(32, 20),
    Q5_0(32, 22),
    Q5_1(32, 24),
    Q8_0(32, 34),
    Q2_K(256, 84),
    Q3_K(256, 110),
    Q4_K(256, 144),
    Q5_K(256, 176),
    Q6_K(256, 210),
    Q8_K(256, 292);

    private final int blockElements;
    private final int blockBytes;

    TensorType(int blockElements, int blockBytes) {
        this.blockElements = blockElements;
        this.blockBytes = blockBytes;
    }

    /** Elements that are stored together: 1 for a plain type. */
    public int blockElements() {
        return blockElements;
    }

    /** Bytes of one block: of one element for a plain type. */
    public int blockBytes() {
        return blockBytes;
    }

    /** True if it is read to float32 only by the arithmetic of its blocks. */
    public boolean isBlock() {
        return blockElements > 1;
    }

    /** True if float32 holds what a tensor of this type says. */
    public boolean isFloat() {
        return this == F32 || this == F16 || this == BF16 || isBlock();
    }

    /**
     * The bytes of so many elements.
     *
     * @throws ArithmeticException if they are no whole number of blocks, or their bytes overflow
     */
    public long bytes(long elements) {
        if (elements % blockElements != 0) {
            throw new ArithmeticException(
                    elements + " elements are no whole blocks of " + blockElements);
        }
        return Math.multiplyExact(elements / blockElements, (long) blockBytes);
    }

    /**
     * The bytes of a tensor of a shape.
     *
     * @throws ArithmeticException if a size is negative, the elements are no whole number of
     *     blocks, or a number overflows
     */
    long bytes(List<Long> shape) {
        long elements = 1;
        for (long size : shape) {
            if (size < 0) {
                throw new ArithmeticException(size + " is negative");
            }
            elements = Math.multiplyExact(elements, size);
        }
        return bytes(elements);
    }

    /** The plain type of this name in a header of safetensors, or null if that has none. */
    static TensorType named(String name) {
        for (var type : values()) {
            if (type.name().equals(name) && !type.isBlock()) {
                return type;
            }
        }
        return null;
    }

    /** float16 bits as float32; exact, as every float16 value is a float32 value. */
    static float halfToFloat(short half) {
        int sign = (half & 0x8000) << 16;
        int exponent = (half >>> 10) & 0x1f;
        int fraction = half & 0x3ff;
        if (exponent == 0x1f) { // infinity or NaN
            return Float.intBitsToFloat(sign | 0x7f800000 | fraction << 13);
        }
        if (exponent == 0) { // zero or subnormal: fraction * 2^-24
            float magnitude = fraction * 0x1p-24f;
            return sign == 0 ? magnitude : -magnitude;
        }
        return Float.intBitsToFloat(sign | (exponent - 15 + 127) << 23 | fraction << 13);
    }

    /** bfloat16 bits as float32: the upper half of its bits. */
    static float bfloatToFloat(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }
}
