package org.lowrank.data.image;

import java.util.SplittableRandom;
import org.lowrank.data.SeededOrder;

/** What is done to a training picture, anew in each epoch; a function of the seed alone. */
public enum Augmentation {
    /** Nothing. */
    NONE,
    /** Left and right exchanged, half of the time. */
    MIRROR,
    /** Moved by up to an eighth of its side over a black border, and mirrored half of the time. */
    SHIFT_AND_MIRROR;

    private static final int SHARE = 8;

    /**
     * @param row of the picture among the training rows
     */
    Picture of(Picture picture, long seed, long epoch, int row) {
        if (this == NONE) {
            return picture;
        }
        long ofEpoch = SeededOrder.seedOf(seed, epoch);
        var random = new SplittableRandom(SeededOrder.seedOf(ofEpoch, row));
        var moved = picture;
        if (this == SHIFT_AND_MIRROR) {
            int most = Math.max(1, picture.width() / SHARE);
            moved =
                    picture.part(
                            random.nextInt(-most, most + 1),
                            random.nextInt(-most, most + 1),
                            picture.width(),
                            picture.height());
        }
        return random.nextBoolean() ? moved.mirrored() : moved;
    }
}
