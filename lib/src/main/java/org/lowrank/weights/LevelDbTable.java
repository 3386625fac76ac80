package org.lowrank.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * An uncompressed LevelDB table (leveldb, doc/table_format.md): sorted keys and values in blocks,
 * an index block of their places, a footer of 48 bytes. Every block is checked by its CRC32C.
 */
final class LevelDbTable {

    record Entry(String key, byte[] value) {}

    private static final int FOOTER = 48;
    private static final int TRAILER = 5;
    static final long MAGIC = 0xdb4775248b80fb57L;
    private static final long MASK_DELTA = 0xa282ead8L;

    private final byte[] data;
    private final Path file;

    private LevelDbTable(byte[] data, Path file) {
        this.data = data;
        this.file = file;
    }

    /** All entries in the order of their keys. */
    static List<Entry> read(byte[] data, Path file) throws MalformedFileException {
        return new LevelDbTable(data, file).entries();
    }

    /** The checksum as LevelDB and TensorFlow store it: rotated, and moved by a constant. */
    static long masked(CRC32C checksum) {
        int crc = (int) checksum.getValue();
        return (Integer.rotateRight(crc, 15) + MASK_DELTA) & 0xffffffffL;
    }

    private List<Entry> entries() throws MalformedFileException {
        if (data.length < FOOTER || little(data.length - 8).getLong() != MAGIC) {
            throw broken("it should end with the mark of a LevelDB table");
        }
        var footer = little(data.length - FOOTER);
        // The block of metadata is of no use here, but its checksum is.
        block(varint(footer), varint(footer));
        var entries = new ArrayList<Entry>();
        for (var place : block(varint(footer), varint(footer))) {
            var handle = ByteBuffer.wrap(place.value());
            entries.addAll(block(varint(handle), varint(handle)));
        }
        return entries;
    }

    private ByteBuffer little(int from) {
        return ByteBuffer.wrap(data, from, data.length - from).order(ByteOrder.LITTLE_ENDIAN);
    }

    private List<Entry> block(long offset, long size) throws MalformedFileException {
        long end = data.length - FOOTER - TRAILER;
        if (offset < 0 || size < Integer.BYTES || offset > end || size > end - offset) {
            throw broken("it has a block at " + offset + " of " + size + " bytes, outside itself");
        }
        int from = (int) offset;
        int length = (int) size;
        checkBlock(from, length);
        var end32 = ByteBuffer.wrap(data, from + length - Integer.BYTES, Integer.BYTES);
        long restarts = Integer.toUnsignedLong(end32.order(ByteOrder.LITTLE_ENDIAN).getInt());
        long entriesEnd = length - Integer.BYTES * (restarts + 1);
        if (entriesEnd < 0) {
            throw broken("the block at " + offset + " claims " + restarts + " restart points");
        }
        return parse(ByteBuffer.wrap(data, from, (int) entriesEnd));
    }

    private void checkBlock(int from, int length) throws MalformedFileException {
        var crc = new CRC32C();
        crc.update(data, from, length + 1);
        long stored = Integer.toUnsignedLong(little(from + length + 1).getInt());
        if (stored != masked(crc)) {
            throw broken("the checksum of its block at " + from + " does not fit: it was altered");
        }
        if (data[from + length] != 0) {
            throw broken("its blocks are compressed, which is not read here");
        }
    }

    private List<Entry> parse(ByteBuffer in) throws MalformedFileException {
        var entries = new ArrayList<Entry>();
        var key = new byte[0];
        while (in.hasRemaining()) {
            long shared = varint(in);
            long fresh = varint(in);
            long length = varint(in);
            if (shared < 0
                    || shared > key.length
                    || fresh < 0
                    || length < 0
                    || fresh > in.remaining()
                    || length > in.remaining() - fresh) {
                throw broken("an entry after the key '" + text(key) + "' does not fit its block");
            }
            var next = Arrays.copyOf(key, (int) (shared + fresh));
            in.get(next, (int) shared, (int) fresh);
            key = next;
            var value = new byte[(int) length];
            in.get(value);
            entries.add(new Entry(text(key), value));
        }
        return entries;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private long varint(ByteBuffer in) throws MalformedFileException {
        long value = 0;
        for (int shift = 0; shift < 64 && in.hasRemaining(); shift += 7) {
            byte b = in.get();
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw broken("a number in it does not end");
    }

    private MalformedFileException broken(String problem) {
        return new MalformedFileException(
                file, "LevelDB table", "is not a readable index of tensors: " + problem);
    }
}
