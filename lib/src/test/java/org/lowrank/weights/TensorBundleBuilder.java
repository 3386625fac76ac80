package org.lowrank.weights;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/** Writes a small TensorFlow checkpoint as LevelDB's and TensorFlow's formats lay it. */
final class TensorBundleBuilder {

    private final TreeMap<String, byte[]> entries = new TreeMap<>();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();

    TensorBundleBuilder() {
        var header = new ByteArrayOutputStream();
        number(header, 1, 1);
        entries.put("", header.toByteArray());
    }

    TensorBundleBuilder tensor(String name, float[] values, long... dims) {
        var bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        var shape = new ByteArrayOutputStream();
        for (long dim : dims) {
            var size = new ByteArrayOutputStream();
            number(size, 1, dim);
            bytes(shape, 2, size.toByteArray());
        }
        var entry = new ByteArrayOutputStream();
        number(entry, 1, 1);
        bytes(entry, 2, shape.toByteArray());
        number(entry, 4, data.size());
        number(entry, 5, bytes.capacity());
        entry.write(6 << 3 | 5);
        entry.writeBytes(little(masked(bytes.array())));
        entries.put(name, entry.toByteArray());
        data.writeBytes(bytes.array());
        return this;
    }

    byte[] data() {
        return data.toByteArray();
    }

    /** The index: one block of entries, an empty block of metadata, a block of places. */
    byte[] index() {
        var table = new ByteArrayOutputStream();
        int size = block(table, entries);
        int metaAt = table.size();
        int metaSize = block(table, Map.of());
        int indexAt = table.size();
        var place = new ByteArrayOutputStream();
        varint(place, 0);
        varint(place, size);
        int indexSize = block(table, Map.of("~", place.toByteArray()));
        var footer = new ByteArrayOutputStream();
        varint(footer, metaAt);
        varint(footer, metaSize);
        varint(footer, indexAt);
        varint(footer, indexSize);
        footer.writeBytes(new byte[40 - footer.size()]);
        footer.writeBytes(little(0x8b80fb57));
        footer.writeBytes(little(0xdb477524));
        table.writeBytes(footer.toByteArray());
        return table.toByteArray();
    }

    /** Keys share what they have in common with the one before. Returns the size of the block. */
    private static int block(ByteArrayOutputStream table, Map<String, byte[]> entries) {
        var block = new ByteArrayOutputStream();
        var last = "";
        for (var entry : entries.entrySet()) {
            var key = entry.getKey();
            int shared = 0;
            while (shared < Math.min(key.length(), last.length())
                    && key.charAt(shared) == last.charAt(shared)) {
                shared++;
            }
            varint(block, shared);
            varint(block, key.length() - shared);
            varint(block, entry.getValue().length);
            block.writeBytes(key.substring(shared).getBytes(StandardCharsets.UTF_8));
            block.writeBytes(entry.getValue());
            last = key;
        }
        block.writeBytes(little(0));
        block.writeBytes(little(1));
        int size = block.size();
        block.write(0);
        table.writeBytes(block.toByteArray());
        table.writeBytes(little(masked(block.toByteArray())));
        return size;
    }

    /** LevelDB, util/crc32c.h: rotate right by 15 bits and add a constant. */
    private static int masked(byte[] bytes) {
        var checksum = new CRC32C();
        checksum.update(bytes);
        int crc = (int) checksum.getValue();
        return (crc >>> 15 | crc << 17) + 0xa282ead8;
    }

    private static byte[] little(int value) {
        return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
    }

    private static void bytes(ByteArrayOutputStream out, int field, byte[] content) {
        varint(out, (long) field << 3 | 2);
        varint(out, content.length);
        out.writeBytes(content);
    }

    private static void number(ByteArrayOutputStream out, int field, long value) {
        varint(out, (long) field << 3);
        varint(out, value);
    }

    private static void varint(ByteArrayOutputStream out, long value) {
        long rest = value;
        while (rest > 127) {
            out.write((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }
}
