package org.lowrank.weights;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/** The data file of a {@link TensorFlowBundle}, read once from front to back. */
final class BundleData {

    private static final int CHUNK = 1 << 16;

    private final InputStream in;
    private final String file;
    private final byte[] chunk = new byte[CHUNK];
    private long position;

    BundleData(InputStream in, String file) {
        this.in = in;
        this.file = file;
    }

    /**
     * Float32 values, little-endian.
     *
     * @param offset not before the end of what was read last
     * @param size in bytes; the index has been checked, so that it fits an array
     * @param crc32c what {@link LevelDbTable#masked} must give for these bytes
     */
    float[] floats(String tensor, long offset, long size, long crc32c) throws IOException {
        if (offset < position) {
            throw new WeightFileException(
                    file
                            + ": tensor "
                            + tensor
                            + " should begin at or after byte "
                            + position
                            + ", where the one before it ends, but begins at "
                            + offset);
        }
        while (position < offset) {
            fill(tensor, (int) Math.min(CHUNK, offset - position));
        }
        var values = new float[Math.toIntExact(size / Float.BYTES)];
        var numbers = ByteBuffer.wrap(chunk).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        var crc = new CRC32C();
        for (int done = 0; done < values.length; ) {
            int part = Math.min(CHUNK / Float.BYTES, values.length - done);
            fill(tensor, part * Float.BYTES);
            crc.update(chunk, 0, part * Float.BYTES);
            numbers.position(0).get(values, done, part);
            done += part;
        }
        if (LevelDbTable.masked(crc) != crc32c) {
            throw new WeightFileException(
                    String.format(
                            "%s: tensor %s should have the checksum %08x but has %08x: it was"
                                    + " altered. Delete the jar, and it is fetched anew",
                            file, tensor, crc32c, LevelDbTable.masked(crc)));
        }
        return values;
    }

    private void fill(String tensor, int count) throws IOException {
        int read;
        try {
            read = in.readNBytes(chunk, 0, count);
        } catch (IOException e) {
            throw new WeightFileException(
                    file + ": the file is damaged in tensor " + tensor + " after " + position, e);
        }
        position += read;
        if (read < count) {
            throw new WeightFileException(
                    file
                            + ": the file ends at byte "
                            + position
                            + ", in tensor "
                            + tensor
                            + ", where more were expected");
        }
    }
}
