package org.lowrank.weights;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.lowrank.config.Impostor;

/**
 * A file of any length as memory that the system reads when it is touched and may drop again:
 * several processes that open one file share its pages. Maps are of 1 GB, made when first needed,
 * and go with the last view of them.
 *
 * <p>The file must not be cut shorter while it is open; what was mapped before stays readable when
 * it is replaced.
 */
final class MappedFile implements Closeable {

    private static final int HEAD = 512;
    private static final int SEGMENT_BITS = 30;
    private static final long SEGMENT = 1L << SEGMENT_BITS;

    private final Path path;
    private final FileChannel channel;
    private final long length;
    private final AtomicReferenceArray<ByteBuffer> segments;

    private MappedFile(Path path, FileChannel channel) throws IOException {
        this.path = path;
        this.channel = channel;
        length = channel.size();
        segments = new AtomicReferenceArray<>(Math.toIntExact((length >> SEGMENT_BITS) + 1));
    }

    /**
     * Opens a file.
     *
     * @throws MalformedFileException if there is no such file, or its first bytes say that it is
     *     none of any format that is read here
     */
    @SuppressWarnings("resource") // the channel is closed with the file, or here on a refusal
    static MappedFile open(Path path) throws IOException {
        if (!Files.isRegularFile(path)) {
            throw MissingFile.refusal(path);
        }
        var channel = FileChannel.open(path, StandardOpenOption.READ);
        try {
            var file = new MappedFile(path, channel);
            var head = new byte[(int) Math.min(HEAD, file.length)];
            file.bytes(0, head.length).get(head);
            var impostor = Impostor.inPlaceOfBinary(head);
            if (impostor.isPresent()) {
                throw new MalformedFileException(path, "file", impostor.get());
            }
            return file;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    Path path() {
        return path;
    }

    long length() {
        return length;
    }

    /** A read-only, little-endian view of bytes that lie in the file. */
    ByteBuffer bytes(long position, int count) throws IOException {
        if (position < 0 || count < 0 || position > length - count) {
            throw new IndexOutOfBoundsException(position + ", " + count + " of " + length);
        }
        if (position + count > channel.size()) {
            throw new MalformedFileException(path, "file", "was cut shorter while it was open");
        }
        int number = (int) (position >> SEGMENT_BITS);
        long start = position & SEGMENT - 1;
        var view =
                start + count <= SEGMENT
                        ? segment(number).slice((int) start, count)
                        : channel.map(MapMode.READ_ONLY, position, count);
        return view.order(ByteOrder.LITTLE_ENDIAN);
    }

    private ByteBuffer segment(int number) throws IOException {
        var known = segments.get(number);
        if (known == null) {
            long from = (long) number << SEGMENT_BITS;
            known = channel.map(MapMode.READ_ONLY, from, Math.min(SEGMENT, length - from));
            segments.set(number, known);
        }
        return known;
    }

    /** Views that were handed out stay readable. */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
