package org.lowrank.data.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import org.lowrank.data.LabelledTexts;

/**
 * The pictures of a split as a model reads them. Each is decoded, resized and cut once, and kept
 * with 8 bits a colour as long as all of them take less than {@link #MOST_KEPT} bytes; beyond that
 * it is read again each time.
 */
public final class PreparedPictures {

    private static final long MOST_KEPT = 1L << 30;

    private final LabelledTexts rows;
    private final Pictures pictures;
    private final ImageProcessor processor;
    private final Map<Integer, Picture> kept = new HashMap<>();
    private long keptBytes;

    public PreparedPictures(LabelledTexts rows, Pictures pictures, ImageProcessor processor) {
        this.rows = rows;
        this.pictures = pictures;
        this.processor = processor;
    }

    public int size() {
        return rows.size();
    }

    /** The values of a few rows, (rows, 3, height, width). */
    public float[] values(int... wanted) {
        return values(Augmentation.NONE, 0, 0, wanted);
    }

    /** The same, each changed for an epoch. */
    public float[] values(Augmentation augmentation, long seed, long epoch, int... wanted) {
        float[] all = null;
        for (int i = 0; i < wanted.length; i++) {
            var picture = augmentation.of(shaped(wanted[i]), seed, epoch, wanted[i]);
            var one = processor.values(picture);
            all = all == null ? new float[wanted.length * one.length] : all;
            if (all.length != wanted.length * one.length) {
                throw new IllegalArgumentException(
                        "pictures of different sizes stand in one batch; the processor must resize or cut to one size");
            }
            System.arraycopy(one, 0, all, i * one.length, one.length);
        }
        return all;
    }

    /** A picture of a row after resizing and cutting. */
    public synchronized Picture shaped(int row) {
        var known = kept.get(row);
        if (known != null) {
            return known;
        }
        try {
            var shaped = processor.shaped(pictures.read(rows.examples().get(row).text()));
            if (keptBytes < MOST_KEPT) {
                keptBytes += shaped.rgb().length;
                kept.put(row, shaped);
            }
            return shaped;
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }
}
