package org.lowrank.soundness;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;

/**
 * A garbage collection that has happened when the call returns: what Java holds no more is gone,
 * and native memory behind it (the buffer of an array made from a Java number) has been freed and
 * is likely to hold something else.
 */
final class ForcedCollection {

    private static final int TRIES = 50;
    private static final int WAIT_MILLIS = 200;

    private ForcedCollection() {}

    static void run() {
        awaitOne();
        overwrite();
    }

    /** Until a fresh object that nobody holds has been found dead. */
    private static void awaitOne() {
        var queue = new ReferenceQueue<Object>();
        var witness = new WeakReference<>(new Object(), queue);
        for (int i = 0; i < TRIES; i++) {
            System.gc();
            try {
                if (queue.remove(WAIT_MILLIS) == witness) {
                    return;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while waiting for a collection", e);
            }
        }
        throw new IllegalStateException("the garbage collector did not run; is it switched off?");
    }

    /** Small buffers of nonsense, where freed ones of the same size may have been. */
    private static void overwrite() {
        for (int i = 0; i < 64; i++) {
            ByteBuffer.allocateDirect(Float.BYTES).putFloat(0, Float.NaN);
        }
    }
}
