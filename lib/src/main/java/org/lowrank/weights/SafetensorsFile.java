package org.lowrank.weights;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Set;

/**
 * One open safetensors file of any length. Opening reads and checks the header only; a tensor's
 * bytes are mapped when they are asked for, in windows, so a file may be larger than the memory and
 * than the 2 GB of one map.
 *
 * <p>The file must not be cut shorter while it is open.
 */
public final class SafetensorsFile implements TensorSource {

    private static final int LENGTH_BYTES = 8;

    /** Bytes seen at once: a power of two, so that no element is split. */
    private static final int WINDOW = 1 << 26;

    /**
     * Below this a read is cheaper than a map, whose pages the system must set up and tear down.
     */
    private static final int SMALLEST_MAP = 1 << 20;

    private final Path file;
    private final FileChannel channel;
    private final SafetensorsHeader header;
    private final long dataStart;

    private SafetensorsFile(Path file, FileChannel channel) throws IOException {
        this.file = file;
        this.channel = channel;
        long length = channel.size();
        if (length < LENGTH_BYTES) {
            throw refusal("header length", "the file has only " + length + " of its 8 bytes");
        }
        long headerLength = readFully(0, LENGTH_BYTES).getLong();
        if (headerLength < 2 || headerLength > StrictJson.LARGEST) {
            throw refusal(
                    "header length",
                    Long.toUnsignedString(headerLength)
                            + " is not between 2 and "
                            + StrictJson.LARGEST);
        }
        dataStart = LENGTH_BYTES + headerLength;
        if (dataStart > length) {
            throw refusal(
                    "header length",
                    headerLength + " reaches beyond the end of a file of " + length + " bytes");
        }
        var json = StrictJson.utf8(file, "header", readFully(LENGTH_BYTES, (int) headerLength));
        header = SafetensorsHeader.parse(file, json, length - dataStart);
    }

    /**
     * Opens a file and checks its header.
     *
     * @throws MalformedFileException if it is not a well-formed safetensors file
     * @throws IOException if it cannot be read
     */
    @SuppressWarnings("resource") // the channel is closed with the file, or here on a refusal
    public static SafetensorsFile open(Path file) throws IOException {
        var channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            return new SafetensorsFile(file, channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public Set<String> names() {
        return header.tensors().keySet();
    }

    @Override
    public Map<String, String> metadata() {
        return header.metadata();
    }

    @Override
    public TensorInfo info(String name) throws IOException {
        var info = header.tensors().get(name);
        if (info == null) {
            throw refusal(name, "there is no tensor of this name");
        }
        return info;
    }

    @Override
    public float[] readFloats(String name, long first, int count) throws IOException {
        var info = info(name);
        if (!info.type().widensToFloat()) {
            throw refusal(name, "is " + info.type() + ", which float32 does not hold exactly");
        }
        var result = new float[checkedCount(info, first, count)];
        read(info, first, count, (bytes, at) -> toFloats(info.type(), bytes, result, at));
        return result;
    }

    @Override
    public double[] readDoubles(String name, long first, int count) throws IOException {
        var info = info(name);
        if (info.type() != TensorType.F64) {
            var narrow = readFloats(name, first, count);
            var result = new double[count];
            for (int i = 0; i < count; i++) {
                result[i] = narrow[i];
            }
            return result;
        }
        var result = new double[checkedCount(info, first, count)];
        read(
                info,
                first,
                count,
                (bytes, at) -> bytes.asDoubleBuffer().get(result, at, bytes.remaining() / 8));
        return result;
    }

    @Override
    public long[] readLongs(String name, long first, int count) throws IOException {
        var info = info(name);
        switch (info.type()) {
            case I64, I32, I16, I8, U8, BOOL -> {}
            default -> throw refusal(name, "is " + info.type() + ", not a type that int64 holds");
        }
        var result = new long[checkedCount(info, first, count)];
        read(info, first, count, (bytes, at) -> toLongs(info.type(), bytes, result, at));
        return result;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private static void toFloats(TensorType type, ByteBuffer bytes, float[] result, int at) {
        if (type == TensorType.F32) {
            bytes.asFloatBuffer().get(result, at, bytes.remaining() / 4);
            return;
        }
        var bits = bytes.asShortBuffer();
        boolean half = type == TensorType.F16;
        for (int i = at; bits.hasRemaining(); i++) {
            short next = bits.get();
            result[i] = half ? TensorType.halfToFloat(next) : TensorType.bfloatToFloat(next);
        }
    }

    private static void toLongs(TensorType type, ByteBuffer bytes, long[] result, int at) {
        for (int i = at; bytes.hasRemaining(); i++) {
            result[i] =
                    switch (type) {
                        case I64 -> bytes.getLong();
                        case I32 -> bytes.getInt();
                        case I16 -> bytes.getShort();
                        case I8 -> bytes.get();
                        default -> bytes.get() & 0xff;
                    };
        }
    }

    private int checkedCount(TensorInfo info, long first, int count) throws MalformedFileException {
        if (first < 0 || count < 0 || first > info.elements() - count) {
            throw refusal(
                    info.name(),
                    String.format(
                            "elements %d to %d asked for, it has %d",
                            first, first + count, info.elements()));
        }
        return count;
    }

    /** What is done with the bytes of one window, whose first element is number {@code at}. */
    private interface Sink {
        void take(ByteBuffer bytes, int at);
    }

    private void read(TensorInfo info, long first, int count, Sink sink) throws IOException {
        int size = info.type().bytes();
        long start = dataStart + info.begin() + first * size;
        long length = (long) count * size;
        for (long done = 0; done < length; done += WINDOW) {
            int part = (int) Math.min(WINDOW, length - done);
            sink.take(window(start + done, part), (int) (done / size));
        }
    }

    private ByteBuffer window(long position, int length) throws IOException {
        if (length < SMALLEST_MAP) {
            return readFully(position, length);
        }
        if (position + length > channel.size()) {
            throw new EOFException(file + " was cut shorter while it was open");
        }
        return channel.map(MapMode.READ_ONLY, position, length).order(ByteOrder.LITTLE_ENDIAN);
    }

    private ByteBuffer readFully(long position, int length) throws IOException {
        var bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, position + bytes.position()) < 0) {
                throw new EOFException(file + " was cut shorter while it was open");
            }
        }
        return bytes.flip();
    }

    private MalformedFileException refusal(String field, String reason) {
        return new MalformedFileException(file, field, reason);
    }
}
