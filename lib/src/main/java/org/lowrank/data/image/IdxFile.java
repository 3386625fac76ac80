package org.lowrank.data.image;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.lowrank.data.DataFormatException;

/**
 * The format of MNIST and its kin: a mark, the lengths of the axes, bytes; packed by gzip or not.
 *
 * @param lengths of the axes
 */
record IdxFile(int[] lengths, byte[] values) {

    private static final int UNSIGNED_BYTES = 8;
    private static final long MOST = 1L << 30;

    static IdxFile read(Path file, int axes) throws IOException {
        try (var raw = new BufferedInputStream(Files.newInputStream(file));
                var in =
                        new DataInputStream(
                                file.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw)) {
            int mark = in.readInt();
            if (mark != (UNSIGNED_BYTES << 8 | axes)) {
                throw new DataFormatException(
                        file.toString(),
                        "begins with %08x; an idx file of bytes with %d axes begins with %08x"
                                .formatted(mark, axes, UNSIGNED_BYTES << 8 | axes));
            }
            var lengths = new int[axes];
            long count = 1;
            for (int i = 0; i < axes; i++) {
                lengths[i] = in.readInt();
                count *= Math.max(0, lengths[i]);
                if (lengths[i] < 0 || count > MOST) {
                    throw new DataFormatException(
                            file.toString(),
                            "has an axis of " + lengths[i] + ", which is too long");
                }
            }
            var values = new byte[(int) count];
            in.readFully(values);
            return new IdxFile(lengths, values);
        } catch (EOFException e) {
            throw new DataFormatException(file.toString(), "breaks off: fetch it again");
        }
    }

    /** Grey picture number {@code index} of many. */
    Picture picture(int index) {
        int height = lengths[1];
        int width = lengths[2];
        var rgb = new byte[width * height * Picture.CHANNELS];
        for (int i = 0; i < width * height; i++) {
            for (int c = 0; c < Picture.CHANNELS; c++) {
                rgb[i * Picture.CHANNELS + c] = values[index * width * height + i];
            }
        }
        return new Picture(width, height, rgb);
    }
}
