package org.lowrank.experiment.run;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Asks work to stop when the process is asked to end (Ctrl-C, SIGTERM), and puts the end off until
 * the work has come to its own.
 */
public final class OnShutdown {

    private OnShutdown() {}

    /**
     * Does the work.
     *
     * @param stop asks the work to stop and returns at once
     * @param patience how long the end of the process is put off
     */
    public static <T> T during(Callable<T> work, Runnable stop, Duration patience)
            throws Exception {
        // a latch, not a join: the thread of the work ends by System.exit, which waits for the hook
        var done = new CountDownLatch(1);
        var hook = new Thread(() -> stopAndWait(stop, done, patience), "stop");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            return work.call();
        } finally {
            done.countDown();
            remove(hook);
        }
    }

    private static void stopAndWait(Runnable stop, CountDownLatch done, Duration patience) {
        stop.run();
        try {
            done.await(patience.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void remove(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the process is going down already, and the hook now lets it
        }
    }
}
