package org.lowrank.weights;

/**
 * The element types of the format, in the order in which a writer lays tensors out (the last one
 * first), so that each tensor is aligned to its elements.
 */
public enum TensorType {
    BOOL(1),
    U8(1),
    I8(1),
    F8_E5M2(1),
    F8_E4M3(1),
    I16(2),
    U16(2),
    F16(2),
    BF16(2),
    I32(4),
    U32(4),
    F32(4),
    F64(8),
    I64(8),
    U64(8);

    private final int bytes;

    TensorType(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }

    /** True if every value of this type is a float32 value. */
    public boolean widensToFloat() {
        return this == F32 || this == F16 || this == BF16;
    }

    /** The type of this name in a header, or null if the format has none. */
    static TensorType named(String name) {
        for (var type : values()) {
            if (type.name().equals(name)) {
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
