package org.lowrank.kernel;

import java.util.concurrent.CompletableFuture;

/**
 * One run of a cell: where its output goes, and whether it was asked to stop.
 *
 * <p>A thread belongs to the run that started it. When a run is abandoned, because it did not end
 * after an interrupt, its threads are cut off: their output is dropped, and {@link
 * #ensureAttached()} ends them where they next show something.
 */
final class Execution {

    private static final InheritableThreadLocal<Execution> OF_THREAD =
            new InheritableThreadLocal<>();

    private static final ThreadLocal<Boolean> TOLD = ThreadLocal.withInitial(() -> false);

    private final Output.Sink sink;
    private final CompletableFuture<Object> stop = new CompletableFuture<>();
    private volatile boolean abandoned;
    private volatile boolean stoppedAgain;

    Execution(Output.Sink sink) {
        this.sink = sink;
    }

    /** Thrown in a thread of an abandoned cell when it tries to show something. */
    static final class CellStopped extends Error {
        private static final long serialVersionUID = 1L;

        CellStopped() {
            super("this cell was stopped", null, false, false);
        }
    }

    Output.Sink sink() {
        return sink;
    }

    /** Completed when the reader interrupts the cell. */
    CompletableFuture<Object> stop() {
        return stop;
    }

    boolean stopRequested() {
        return stop.isDone();
    }

    void requestStop() {
        stoppedAgain = !stop.complete(true);
    }

    /** Whether the reader has interrupted the cell more than once. */
    boolean stopRequestedAgain() {
        return stoppedAgain;
    }

    void abandon() {
        abandoned = true;
    }

    /** Makes the current thread one of this run's. */
    void enter() {
        OF_THREAD.set(this);
    }

    static boolean threadIsAbandoned() {
        Execution own = OF_THREAD.get();
        return own != null && own.abandoned;
    }

    /** Ends a thread of an abandoned cell, by an error. */
    static void ensureAttached() {
        if (threadIsAbandoned()) {
            throw new CellStopped();
        }
    }

    /**
     * As {@link #ensureAttached()}, but once a thread: its end is printed, and that print must not
     * fail.
     */
    static void ensureAttachedOnce() {
        if (threadIsAbandoned() && !TOLD.get()) {
            TOLD.set(true);
            throw new CellStopped();
        }
    }
}
