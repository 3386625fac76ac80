package org.lowrank.weights;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The wire format of protocol buffers as a stream: fields of nested messages, read once from front
 * to back. Every length is checked against the message that holds it, and memory is taken only as
 * data arrives, so that a damaged length cannot ask for more than the file has.
 */
final class ProtobufReader {

    static final int VARINT = 0;
    static final int FIXED64 = 1;
    static final int BYTES = 2;
    static final int FIXED32 = 5;

    private static final int CHUNK = 1 << 16;
    private static final int FIRST_FLOATS = 1 << 20;

    private final InputStream in;
    private final String file;
    private long position;
    private long limit = Long.MAX_VALUE;
    private int field;
    private int wireType;
    private String place = "the model";

    ProtobufReader(InputStream in, String file) {
        this.in = new BufferedInputStream(in, CHUNK);
        this.file = file;
    }

    /** Names what is being read, for messages. */
    void at(String newPlace) {
        place = newPlace;
    }

    int field() {
        return field;
    }

    int wireType() {
        return wireType;
    }

    /** Goes to the next field of the current message; false at the message's end. */
    boolean next() throws IOException {
        if (position == limit) {
            return false;
        }
        if (limit == Long.MAX_VALUE) {
            in.mark(1);
            if (in.read() < 0) {
                return false;
            }
            in.reset();
        }
        long tag = varint();
        field = (int) (tag >>> 3);
        wireType = (int) (tag & 7);
        boolean known =
                wireType == VARINT
                        || wireType == FIXED64
                        || wireType == BYTES
                        || wireType == FIXED32;
        if (tag >>> 32 != 0 || field == 0 || !known) {
            throw broken("no field begins here, so the file is not what its name says");
        }
        return true;
    }

    /** Enters the message in the current field; returns what {@link #leave} needs. */
    long enter() throws IOException {
        long length = length();
        long outer = limit;
        limit = position + length;
        return outer;
    }

    /** Leaves a message that has been read to its end. */
    void leave(long outer) {
        limit = outer;
    }

    private long length() throws IOException {
        expect(BYTES);
        long length = varint();
        if (length < 0 || length > limit - position) {
            throw broken("a field claims " + length + " bytes, more than its message has left");
        }
        return length;
    }

    private void expect(int type) throws IOException {
        if (wireType != type) {
            throw broken("field " + field + " has wire type " + wireType + " instead of " + type);
        }
    }

    /** The value of a varint field. */
    long number() throws IOException {
        expect(VARINT);
        return varint();
    }

    /** The value of a field of four bytes, least significant first, unsigned. */
    long fixed32() throws IOException {
        expect(FIXED32);
        var bytes = new byte[Integer.BYTES];
        fill(bytes, 0, bytes.length);
        return Integer.toUnsignedLong(
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt());
    }

    private long varint() throws IOException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int b = readByte();
            value |= (long) (b & 0x7f) << shift;
            if (b < 0x80) {
                return value;
            }
        }
        throw broken("a number of more than ten bytes");
    }

    private int readByte() throws IOException {
        if (position >= limit) {
            throw broken("a field runs past the end of its message");
        }
        int b = readOrExplain(null, 0, 0);
        position++;
        return b;
    }

    /** The text of the current field. */
    String text() throws IOException {
        return new String(bytes(length()), StandardCharsets.UTF_8);
    }

    private byte[] bytes(long length) throws IOException {
        var data = new byte[(int) Math.min(length, CHUNK)];
        for (long done = 0; done < length; ) {
            if (done == data.length) {
                data = Arrays.copyOf(data, (int) Math.min(length, 2L * data.length));
            }
            done += fill(data, (int) done, data.length - (int) done);
        }
        return data;
    }

    /** The current field as little-endian float32 numbers. */
    float[] floats() throws IOException {
        long length = length();
        if (length % Float.BYTES != 0 || length / Float.BYTES > Integer.MAX_VALUE - 8) {
            throw broken(length + " bytes are no whole and readable number of float32 values");
        }
        int count = (int) (length / Float.BYTES);
        var values = new float[Math.min(count, FIRST_FLOATS)];
        var chunk = new byte[CHUNK];
        var numbers = ByteBuffer.wrap(chunk).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        for (int done = 0; done < count; ) {
            if (done == values.length) {
                values = Arrays.copyOf(values, (int) Math.min(count, 2L * values.length));
            }
            int part = Math.min(CHUNK / Float.BYTES, values.length - done);
            fill(chunk, 0, part * Float.BYTES);
            numbers.position(0).get(values, done, part);
            done += part;
        }
        return values;
    }

    /** Passes over the current field. */
    void skip() throws IOException {
        switch (wireType) {
            case VARINT -> varint();
            case FIXED64 -> fill(new byte[Long.BYTES], 0, Long.BYTES);
            case FIXED32 -> fill(new byte[Integer.BYTES], 0, Integer.BYTES);
            default -> {
                var scratch = new byte[CHUNK];
                for (long left = length(); left > 0; ) {
                    left -= fill(scratch, 0, (int) Math.min(left, CHUNK));
                }
            }
        }
    }

    private int fill(byte[] target, int from, int count) throws IOException {
        if (count > limit - position) {
            throw broken("a field runs past the end of its message");
        }
        for (int done = 0; done < count; ) {
            int read = readOrExplain(target, from + done, count - done);
            done += read;
            position += read;
        }
        return count;
    }

    /** Reads one byte (no target) or some bytes, at least one. */
    private int readOrExplain(byte[] target, int from, int count) throws IOException {
        int read;
        try {
            read = target == null ? in.read() : in.read(target, from, count);
        } catch (EOFException e) {
            throw ended(e);
        } catch (IOException e) {
            throw new WeightFileException(where() + ": the file is damaged", e);
        }
        if (read < 0) {
            throw ended(null);
        }
        return read;
    }

    private WeightFileException ended(Throwable cause) {
        var expected = limit == Long.MAX_VALUE ? "more" : (limit - position) + " more bytes";
        return new WeightFileException(
                where() + ": the file ends here, but " + expected + " were expected", cause);
    }

    /** An error at the current place. */
    WeightFileException broken(String problem) {
        return new WeightFileException(where() + ": " + problem);
    }

    private String where() {
        return file + ", in " + place + ", at byte " + position;
    }
}
