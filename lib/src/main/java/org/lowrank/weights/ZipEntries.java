package org.lowrank.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the entries of a zip archive without compression lie, so that they are read as parts of the
 * mapped file. Archives beyond 4 GB (zip64) too.
 */
final class ZipEntries {

    private static final int LOCAL = 0x04034b50;
    private static final int CENTRAL = 0x02014b50;
    private static final int END = 0x06054b50;
    private static final int END_64 = 0x06064b50;
    private static final int END_BYTES = 22;
    private static final int LONGEST_REMARK = 1 << 16;
    private static final int CENTRAL_BYTES = 46;
    private static final int LOCAL_BYTES = 30;

    /**
     * @param position of its first byte in the file
     */
    record Entry(String name, long position, long length) {

        ByteBuffer bytes(MappedFile file) throws IOException {
            return file.bytes(position, Math.toIntExact(Math.min(length, Integer.MAX_VALUE)));
        }
    }

    private final MappedFile file;
    private final List<Entry> entries = new ArrayList<>();

    private ZipEntries(MappedFile file) {
        this.file = file;
    }

    /** True if a file begins as an archive. */
    static boolean begin(MappedFile file) throws IOException {
        return file.length() > END_BYTES && file.bytes(0, 4).getInt() == LOCAL;
    }

    /**
     * Those that are not compressed.
     *
     * @throws MalformedFileException if the archive is cut
     */
    static ZipEntries of(MappedFile file) throws IOException {
        var zip = new ZipEntries(file);
        try {
            zip.read();
            return zip;
        } catch (IndexOutOfBoundsException | java.nio.BufferUnderflowException e) {
            throw zip.cut();
        }
    }

    List<Entry> all() {
        return entries;
    }

    /** True if there is an entry whose name ends so. */
    boolean has(String end) {
        return entries.stream().anyMatch(e -> e.name().endsWith("/" + end));
    }

    /**
     * The first entry whose name ends so.
     *
     * @throws MalformedFileException if there is none
     */
    Entry ending(String end) throws MalformedFileException {
        return entries.stream()
                .filter(e -> e.name().endsWith("/" + end))
                .findFirst()
                .orElseThrow(
                        () ->
                                new MalformedFileException(
                                        file.path(), end, "is not in this zip archive"));
    }

    /** The entry of this name, or null. */
    Entry find(String name) {
        return entries.stream().filter(e -> e.name().equals(name)).findFirst().orElse(null);
    }

    private void read() throws IOException {
        int window = (int) Math.min(file.length(), END_BYTES + LONGEST_REMARK);
        var tail = file.bytes(file.length() - window, window);
        int end = window - END_BYTES;
        while (end >= 0 && tail.getInt(end) != END) {
            end--;
        }
        if (end < 0) {
            throw cut();
        }
        long count = tail.getShort(end + 10) & 0xffff;
        long at = tail.getInt(end + 16) & 0xffffffffL;
        if (end >= 20 && tail.getInt(end - 20) == 0x07064b50) { // where the wide end is
            var wide = file.bytes(tail.getLong(end - 20 + 8), 56);
            if (wide.getInt(0) != END_64) {
                throw cut();
            }
            count = wide.getLong(32);
            at = wide.getLong(48);
        }
        for (long i = 0; i < count; i++) {
            at += add(at);
        }
    }

    private int add(long at) throws IOException {
        var head = file.bytes(at, CENTRAL_BYTES);
        if (head.getInt(0) != CENTRAL) {
            throw cut();
        }
        int nameLength = head.getShort(28) & 0xffff;
        int extraLength = head.getShort(30) & 0xffff;
        var rest = file.bytes(at + CENTRAL_BYTES, nameLength + extraLength);
        var bytes = new byte[nameLength];
        rest.get(bytes);
        var name = new String(bytes, StandardCharsets.UTF_8);
        long length = head.getInt(24) & 0xffffffffL;
        long packed = head.getInt(20) & 0xffffffffL;
        long position = head.getInt(42) & 0xffffffffL;
        while (rest.remaining() >= 4) { // the wide numbers stand among the extras
            int id = rest.getShort() & 0xffff;
            int size = rest.getShort() & 0xffff;
            int next = rest.position() + size;
            if (id == 1) {
                length = length == 0xffffffffL ? rest.getLong() : length;
                packed = packed == 0xffffffffL ? rest.getLong() : packed;
                position = position == 0xffffffffL ? rest.getLong() : position;
            }
            rest.position(Math.min(next, rest.limit()));
        }
        if (head.getShort(10) != 0) { // compressed: torch.save does not do that
            return CENTRAL_BYTES + nameLength + extraLength + (head.getShort(32) & 0xffff);
        }
        var local = file.bytes(position, LOCAL_BYTES);
        long data =
                position
                        + LOCAL_BYTES
                        + (local.getShort(26) & 0xffff)
                        + (local.getShort(28) & 0xffff);
        if (local.getInt(0) != LOCAL || length < 0 || data > file.length() - length) {
            throw cut();
        }
        entries.add(new Entry(name, data, length));
        return CENTRAL_BYTES + nameLength + extraLength + (head.getShort(32) & 0xffff);
    }

    private MalformedFileException cut() {
        return new MalformedFileException(
                file.path(), "file", "it is a zip archive that was cut or altered; fetch it again");
    }
}
