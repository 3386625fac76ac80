package org.lowrank.weights;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes small GGUF files number by number, well-formed or not, as the format lays them. */
public final class GgufBuilder {

    private record Tensor(String name, int type, byte[] data, long[] dims) {}

    private final Map<String, Object> metadata = new LinkedHashMap<>();
    private final List<Tensor> tensors = new ArrayList<>();
    private ByteOrder order = ByteOrder.LITTLE_ENDIAN;
    private int version = 3;
    private int alignment = 32;
    private Long entryCount;

    GgufBuilder bigEndian() {
        order = ByteOrder.BIG_ENDIAN;
        return this;
    }

    GgufBuilder version(int number) {
        version = number;
        return this;
    }

    /** What the file says; its tensors are laid out by it if it is possible. */
    GgufBuilder alignment(int says) {
        alignment = says > 0 ? says : 32;
        return meta("general.alignment", says);
    }

    GgufBuilder claimEntries(long count) {
        entryCount = count;
        return this;
    }

    /** Byte, Short, Integer (as unsigned), Long, Float, Double, Boolean, String or a List. */
    public GgufBuilder meta(String key, Object value) {
        metadata.put(key, value);
        return this;
    }

    /** A float32 tensor; the dims as the file has them, fastest first. */
    public GgufBuilder tensor(String name, float[] values, long... dims) {
        var data = ByteBuffer.allocate(4 * values.length).order(order);
        for (float value : values) {
            data.putFloat(value);
        }
        return tensor(name, 0, data.array(), dims);
    }

    public GgufBuilder tensor(String name, int type, byte[] data, long... dims) {
        tensors.add(new Tensor(name, type, data, dims));
        return this;
    }

    public byte[] file() {
        var out = new ByteArrayOutputStream();
        out.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
        number(out, 4, version);
        number(out, 8, tensors.size());
        number(out, 8, entryCount == null ? metadata.size() : entryCount);
        metadata.forEach(
                (key, value) -> {
                    text(out, key);
                    number(out, 4, type(value));
                    value(out, value);
                });
        long offset = 0;
        for (var tensor : tensors) {
            text(out, tensor.name);
            number(out, 4, tensor.dims.length);
            for (long dim : tensor.dims) {
                number(out, 8, dim);
            }
            number(out, 4, tensor.type);
            number(out, 8, offset);
            offset += (tensor.data.length + alignment - 1L) / alignment * alignment;
        }
        for (var tensor : tensors) {
            fill(out);
            out.writeBytes(tensor.data);
        }
        fill(out);
        return out.toByteArray();
    }

    private void fill(ByteArrayOutputStream out) {
        while (out.size() % alignment != 0) {
            out.write(0);
        }
    }

    private static int type(Object value) {
        return switch (value.getClass().getSimpleName()) {
            case "Byte" -> 1;
            case "Short" -> 3;
            case "Integer" -> 4;
            case "Float" -> 6;
            case "Boolean" -> 7;
            case "String" -> 8;
            case "Long" -> 11;
            case "Double" -> 12;
            default -> 9;
        };
    }

    private void value(ByteArrayOutputStream out, Object value) {
        if (value instanceof List<?> list) {
            number(out, 4, list.isEmpty() ? 4 : type(list.get(0)));
            number(out, 8, list.size());
            list.forEach(element -> value(out, element));
        } else if (value instanceof String text) {
            text(out, text);
        } else if (value instanceof Boolean truth) {
            out.write(truth ? 1 : 0);
        } else if (value instanceof Float f) {
            number(out, 4, Float.floatToRawIntBits(f));
        } else if (value instanceof Double d) {
            number(out, 8, Double.doubleToRawLongBits(d));
        } else {
            int type = type(value);
            number(
                    out,
                    type == 1 ? 1 : type == 3 ? 2 : type == 4 ? 4 : 8,
                    ((Number) value).longValue());
        }
    }

    private void text(ByteArrayOutputStream out, String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        number(out, 8, bytes.length);
        out.writeBytes(bytes);
    }

    private void number(ByteArrayOutputStream out, int bytes, long value) {
        for (int i = 0; i < bytes; i++) {
            int place = order == ByteOrder.LITTLE_ENDIAN ? i : bytes - 1 - i;
            out.write((int) (value >>> 8 * place));
        }
    }
}
