package org.lowrank.weights;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes small ONNX files field by field, well-formed or not, as the specification lays them. */
final class OnnxFileBuilder {

    private final ByteArrayOutputStream graph = new ByteArrayOutputStream();

    /** A float32 tensor with the given dims and as many values 1, 2, 3, ... as asked for. */
    OnnxFileBuilder tensor(String name, int values, long... dims) {
        return tensor(name, 1, ramp(values), dims);
    }

    OnnxFileBuilder tensor(String name, int type, byte[] raw, long... dims) {
        var tensor = new ByteArrayOutputStream();
        for (long dim : dims) {
            varintField(tensor, 1, dim);
        }
        varintField(tensor, 2, type);
        bytesField(tensor, 8, name.getBytes(StandardCharsets.UTF_8));
        bytesField(tensor, 9, raw);
        bytesField(graph, 5, tensor.toByteArray());
        return this;
    }

    /** A MatMul node that multiplies by the named initializer. */
    OnnxFileBuilder matMul(String nodeName, String weight) {
        var node = new ByteArrayOutputStream();
        bytesField(node, 1, "x".getBytes(StandardCharsets.UTF_8));
        bytesField(node, 1, weight.getBytes(StandardCharsets.UTF_8));
        bytesField(node, 3, nodeName.getBytes(StandardCharsets.UTF_8));
        bytesField(node, 4, "MatMul".getBytes(StandardCharsets.UTF_8));
        bytesField(graph, 1, node.toByteArray());
        return this;
    }

    /** A tensor whose data claims a length that the file does not have. */
    OnnxFileBuilder tensorThatClaims(String name, long bytes) {
        var tensor = new ByteArrayOutputStream();
        varintField(tensor, 1, bytes / 4);
        varintField(tensor, 2, 1);
        bytesField(tensor, 8, name.getBytes(StandardCharsets.UTF_8));
        varint(tensor, 9 << 3 | 2);
        varint(tensor, bytes);
        varint(graph, 5 << 3 | 2);
        varint(graph, tensor.size() + bytes);
        graph.writeBytes(tensor.toByteArray());
        return this;
    }

    byte[] file() {
        var model = new ByteArrayOutputStream();
        varintField(model, 1, 6);
        bytesField(model, 7, graph.toByteArray());
        return model.toByteArray();
    }

    /** The file with a graph that claims to be longer than it is. */
    byte[] fileThatClaims(long graphBytes) {
        var model = new ByteArrayOutputStream();
        varint(model, 7 << 3 | 2);
        varint(model, graphBytes);
        model.writeBytes(graph.toByteArray());
        return model.toByteArray();
    }

    static byte[] ramp(int values) {
        var raw = ByteBuffer.allocate(4 * values).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < values; i++) {
            raw.putFloat(i + 1);
        }
        return raw.array();
    }

    private static void bytesField(ByteArrayOutputStream out, int field, byte[] content) {
        varint(out, (long) field << 3 | 2);
        varint(out, content.length);
        out.writeBytes(content);
    }

    private static void varintField(ByteArrayOutputStream out, int field, long value) {
        varint(out, (long) field << 3);
        varint(out, value);
    }

    private static void varint(ByteArrayOutputStream out, long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out.write((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }
}
