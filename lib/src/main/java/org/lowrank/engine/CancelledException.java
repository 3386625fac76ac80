package org.lowrank.engine;

/**
 * What was at work was interrupted and has no result. Loops over batches that make no step of
 * training, as evaluations are, ask {@link #ifInterrupted} once a batch, so that an interrupt ends
 * them within one.
 */
public final class CancelledException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public CancelledException(String message) {
        super(message);
    }

    /**
     * Goes on unless this thread was interrupted.
     *
     * @param done batches, rows or what else is counted
     * @throws CancelledException if it was; the interrupt is taken note of by that
     */
    public static void ifInterrupted(int done, int of) {
        if (Thread.interrupted()) {
            throw new CancelledException("interrupted after " + done + " of " + of);
        }
    }
}
