package org.lowrank.data.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.lowrank.data.LabelledTexts;

/**
 * The pictures of a split as a model reads them. Each is decoded, resized and cut once, and kept
 * with 8 bits a colour as long as there is {@linkplain #room() room}; beyond that it is read again
 * each time.
 */
public final class PreparedPictures {

    private static final long MOST_KEPT = 1L << 30;
    private static final int SHARE_OF_HEAP = 4;

    private final LabelledTexts rows;
    private final Pictures pictures;
    private final ImageProcessor processor;
    private final Map<Integer, Picture> kept = new HashMap<>();
    private final AtomicLong room;

    /** With room of its own. */
    public PreparedPictures(LabelledTexts rows, Pictures pictures, ImageProcessor processor) {
        this(rows, pictures, processor, room());
    }

    /**
     * With room that the splits of a set share.
     *
     * @param room bytes that may still be kept
     */
    public PreparedPictures(
            LabelledTexts rows, Pictures pictures, ImageProcessor processor, AtomicLong room) {
        this.rows = rows;
        this.pictures = pictures;
        this.processor = processor;
        this.room = room;
    }

    /** A quarter of what Java may use, at most 1 GiB. */
    public static AtomicLong room() {
        return new AtomicLong(
                Math.min(MOST_KEPT, Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP));
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
            int bytes = shaped.rgb().length;
            if (room.addAndGet(-bytes) >= 0) {
                kept.put(row, shaped);
            } else {
                room.addAndGet(bytes);
            }
            return shaped;
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }
}
