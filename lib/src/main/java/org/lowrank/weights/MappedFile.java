package org.lowrank.weights;

import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.lowrank.config.Impostor;

/**
 * A file of any length as memory that the system reads when it is touched and may drop again:
 * several processes that open one file share its pages. All of it is mapped at once, so that an
 * interrupt of a thread that reads does not close it for the others.
 *
 * <p>The file must not be cut shorter while it is open; what was mapped stays readable when it is
 * replaced.
 */
final class MappedFile implements Closeable {

    private static final int HEAD = 512;

    /** Maps begin so far apart, and are twice as long: a range of 1 GB lies in one of them. */
    private static final int STRIDE_BITS = 30;

    private final Path path;
    private final RandomAccessFile file;
    private final long length;
    private final ByteBuffer[] maps;

    private MappedFile(Path path, RandomAccessFile file) throws IOException {
        this.path = path;
        this.file = file;
        length = file.length();
        maps = new ByteBuffer[Math.toIntExact((length >> STRIDE_BITS) + 1)];
        for (int i = 0; i < maps.length; i++) {
            long from = (long) i << STRIDE_BITS;
            long size = Math.min(Integer.MAX_VALUE, length - from);
            maps[i] = file.getChannel().map(MapMode.READ_ONLY, from, size);
        }
    }

    /**
     * Opens a file.
     *
     * @throws MalformedFileException if there is no such file, or its first bytes say that it is
     *     none of any format that is read here
     */
    @SuppressWarnings("resource") // the file is closed with this, or here on a refusal
    static MappedFile open(Path path) throws IOException {
        var mapped = ofAny(path);
        var head = new byte[(int) Math.min(HEAD, mapped.length)];
        mapped.bytes(0, head.length).get(head);
        var impostor = Impostor.inPlaceOfBinary(head);
        if (impostor.isPresent()) {
            mapped.close();
            throw new MalformedFileException(path, "file", impostor.get());
        }
        return mapped;
    }

    /** Opens a file whatever its first bytes are. */
    @SuppressWarnings("resource")
    static MappedFile ofAny(Path path) throws IOException {
        if (!Files.isRegularFile(path)) {
            throw MissingFile.refusal(path);
        }
        var file = new RandomAccessFile(path.toFile(), "r");
        try {
            return new MappedFile(path, file);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    Path path() {
        return path;
    }

    long length() {
        return length;
    }

    /** Read-only, little-endian bytes that lie in the file: a view, but for more than 1 GB. */
    ByteBuffer bytes(long position, int count) throws IOException {
        if (position < 0 || count < 0 || position > length - count) {
            throw new IndexOutOfBoundsException(position + ", " + count + " of " + length);
        }
        if (position + count > file.length()) {
            throw new MalformedFileException(path, "file", "was cut shorter while it was open");
        }
        int number = (int) (position >> STRIDE_BITS);
        int start = (int) (position - ((long) number << STRIDE_BITS));
        if (count <= maps[number].capacity() - start) {
            return maps[number].slice(start, count).order(ByteOrder.LITTLE_ENDIAN);
        }
        var copy = ByteBuffer.allocate(count);
        while (copy.hasRemaining()) {
            int part = Math.min(1 << STRIDE_BITS, copy.remaining());
            copy.put(bytes(position + copy.position(), part));
        }
        return copy.flip().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Views that were handed out stay readable. */
    @Override
    public void close() throws IOException {
        file.close();
    }
}
