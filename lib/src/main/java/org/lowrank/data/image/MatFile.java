package org.lowrank.data.image;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.InflaterInputStream;
import org.lowrank.data.DataFormatException;

/**
 * The arrays of a file of MATLAB (level 5), packed or not: numbers, texts, cells and structures.
 * What else there is (sparse matrices, objects) is passed over.
 *
 * @see <a href="https://www.mathworks.com/help/pdf_doc/matlab/matfile_format.pdf">MAT-File
 *     Format</a>
 */
final class MatFile {

    private static final int HEADER = 128;
    private static final int PACKED = 15;
    private static final int MATRIX = 14;

    /** The kinds of a matrix that are not numbers. */
    private static final int CELLS = 1;

    private static final int STRUCTURES = 2;
    private static final int TEXT = 4;

    /** Bytes of a number by the code of its type. */
    private static final Map<Integer, Integer> WIDTHS =
            Map.of(1, 1, 2, 1, 3, 2, 4, 2, 5, 4, 6, 4, 7, 4, 9, 8);

    /** How texts may be written, by the code of the type. */
    private static final Map<Integer, Charset> CHARSETS =
            Map.of(
                    1, StandardCharsets.ISO_8859_1,
                    2, StandardCharsets.ISO_8859_1,
                    4, StandardCharsets.UTF_16LE,
                    16, StandardCharsets.UTF_8,
                    17, StandardCharsets.UTF_16LE);

    /** What an array may be. */
    sealed interface Value permits Numbers, Text, Items {}

    /**
     * Numbers as they lie.
     *
     * @param lengths of the axes, the first of which is the fastest
     */
    record Numbers(int[] lengths, int type, ByteBuffer values) implements Value {

        /** How many there are in the file. */
        int count() {
            return values.limit() / WIDTHS.get(type);
        }

        int at(int index) {
            return switch (type) {
                case 1, 2 -> values.get(index) & 0xff;
                case 3, 4 -> values.getShort(2 * index) & 0xffff;
                case 5, 6 -> values.getInt(4 * index);
                case 7 -> (int) values.getFloat(4 * index);
                default -> (int) values.getDouble(8 * index);
            };
        }
    }

    /** A row of characters. */
    record Text(String text) implements Value {}

    /**
     * Arrays in an array.
     *
     * @param fields of a structure; none in cells
     * @param values cell by cell, or of each structure one a field; null where one is not read
     */
    record Items(List<String> fields, List<Value> values) implements Value {

        /** A field of every structure; empty if there is none of that name. */
        List<Value> field(String name) {
            var found = new ArrayList<Value>();
            int place = fields.indexOf(name);
            for (int i = place; place >= 0 && i < values.size(); i += fields.size()) {
                found.add(values.get(i));
            }
            return found;
        }
    }

    /** A part as it lies: the code of its type, and its bytes. */
    private record Part(int type, ByteBuffer bytes) {

        String text(Charset charset) {
            return charset.decode(bytes.duplicate()).toString();
        }
    }

    private final Map<String, Value> arrays = new HashMap<>();

    private MatFile() {}

    /**
     * The arrays of a file by name.
     *
     * @throws DataFormatException if it is no such file, or a part of one
     */
    static Map<String, Value> read(Path file) throws IOException {
        var bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.limit() < HEADER || bytes.get(HEADER - 2) != 'I') {
            throw new DataFormatException(
                    file.toString(), "is no file of MATLAB's level 5 in little-endian order");
        }
        bytes.position(HEADER);
        var found = new MatFile();
        try {
            found.read(bytes);
        } catch (BufferUnderflowException
                | IllegalArgumentException
                | IndexOutOfBoundsException
                | IOException e) {
            throw new DataFormatException(file.toString(), "breaks off: fetch it again");
        }
        return found.arrays;
    }

    /** Elements up to the end: a type, a length, the content padded to eight bytes. */
    private void read(ByteBuffer in) throws IOException {
        while (in.remaining() >= 8) {
            int type = in.getInt();
            var content = content(in, in.getInt());
            if (type == PACKED) {
                var packed = new byte[content.remaining()];
                content.get(packed);
                try (var whole = new InflaterInputStream(new ByteArrayInputStream(packed))) {
                    read(ByteBuffer.wrap(whole.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN));
                }
            } else if (type == MATRIX) {
                matrix(content, arrays);
                in.position(Math.min(in.limit(), (in.position() + 7) / 8 * 8));
            }
        }
    }

    /** Puts the array under its name, which those within others do not have. */
    private static void matrix(ByteBuffer in, Map<String, Value> into) {
        int kind = part(in).bytes().get(0) & 0xff;
        var axes = part(in).bytes();
        var lengths = new int[axes.remaining() / 4];
        long count = 1;
        for (int i = 0; i < lengths.length; i++) {
            lengths[i] = axes.getInt(4 * i);
            count *= lengths[i];
        }
        var name = part(in).text(StandardCharsets.US_ASCII);
        switch (kind) {
            case CELLS -> into.put(name, new Items(List.of(), inner(in, count)));
            case STRUCTURES -> {
                var fields = fields(in);
                into.put(name, new Items(fields, inner(in, count * fields.size())));
            }
            default -> {
                var part = part(in);
                if (kind == TEXT && CHARSETS.containsKey(part.type())) {
                    into.put(name, new Text(part.text(CHARSETS.get(part.type()))));
                } else if (WIDTHS.containsKey(part.type())) {
                    into.put(name, new Numbers(lengths, part.type(), part.bytes()));
                }
            }
        }
    }

    /** The names of a structure's fields, each padded with zeros to the same length. */
    private static List<String> fields(ByteBuffer in) {
        int length = part(in).bytes().getInt(0);
        var names = part(in).text(StandardCharsets.US_ASCII);
        var fields = new ArrayList<String>();
        for (int at = 0; length > 0 && at + length <= names.length(); at += length) {
            fields.add(names.substring(at, at + length).replace("\0", ""));
        }
        return fields;
    }

    /** So many arrays, one behind the other. */
    private static List<Value> inner(ByteBuffer in, long count) {
        var values = new ArrayList<Value>();
        for (long i = 0; i < count; i++) {
            int type = in.getInt();
            var content = content(in, in.getInt());
            var value = new HashMap<String, Value>();
            if (type == MATRIX && content.hasRemaining()) {
                matrix(content, value);
            }
            values.add(value.values().stream().findFirst().orElse(null));
        }
        return values;
    }

    /** One part of a matrix; a short one has its length in the upper half of its type. */
    private static Part part(ByteBuffer in) {
        int type = in.getInt();
        if (type >>> 16 != 0) {
            var content = content(in, type >>> 16);
            in.position(in.position() + 4 - (type >>> 16));
            return new Part(type & 0xffff, content);
        }
        var content = content(in, in.getInt());
        in.position(Math.min(in.limit(), in.position() + (8 - content.limit() % 8) % 8));
        return new Part(type, content);
    }

    private static ByteBuffer content(ByteBuffer in, int length) {
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        var content = in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN);
        in.position(in.position() + length);
        return content;
    }
}
