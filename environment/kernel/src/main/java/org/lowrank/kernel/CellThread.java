package org.lowrank.kernel;

import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The thread that runs the statements of all cells, so that thread-bound state lives from cell to
 * cell.
 *
 * <p>A statement that is interrupted, or that runs past the time limit, has {@link #GRACE} to end
 * by itself, one that is about to end has {@link #PATIENCE}. After that its cell is abandoned: the
 * old thread goes on without output, later cells get a new one.
 */
final class CellThread implements AutoCloseable {

    static final Duration GRACE = Duration.ofSeconds(2);
    static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long POLL_MILLIS = 20;

    private final ClassLoader contextClassLoader;
    private final Duration timeout;
    private final Set<CompletableFuture<Object>> running = ConcurrentHashMap.newKeySet();
    private volatile boolean ending;
    private ExecutorService worker;
    private volatile Thread thread;

    /**
     * @param timeout longest run of one statement; zero means no limit
     */
    CellThread(ClassLoader contextClassLoader, Duration timeout) {
        this.contextClassLoader = contextClassLoader;
        this.timeout = timeout;
        startWorker();
    }

    /**
     * Runs a statement to its end, or until it is stopped.
     *
     * @throws InvocationTargetException around what the statement threw; around an {@link
     *     InterruptedException} if it did not end after an interrupt, or a {@link TimeoutException}
     *     if it ran too long, both with the statement's own stack
     */
    Object run(Execution execution, Callable<Object> statement) throws InvocationTargetException {
        if (ending) {
            throw new InvocationTargetException(new InterruptedException("the kernel is ending"));
        }
        if (Thread.currentThread() == thread) {
            return runNested(statement);
        }
        Execution.ensureAttached();
        CompletableFuture<Object> outcome = new CompletableFuture<>();
        running.add(outcome);
        outcome.whenComplete((value, error) -> running.remove(outcome));
        worker.execute(
                () -> {
                    execution.enter();
                    Thread.interrupted(); // an interrupt that came too late for the statement
                    // before
                    try {
                        outcome.complete(statement.call());
                    } catch (Throwable t) {
                        outcome.completeExceptionally(t);
                    }
                });
        try {
            return await(execution, outcome);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof InvocationTargetException inner
                    ? inner
                    : new InvocationTargetException(e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new InvocationTargetException(e);
        }
    }

    private static Object runNested(Callable<Object> statement) throws InvocationTargetException {
        try {
            return statement.call();
        } catch (InvocationTargetException e) {
            throw e;
        } catch (Exception e) {
            throw new InvocationTargetException(e);
        }
    }

    private Object await(Execution execution, CompletableFuture<Object> outcome)
            throws ExecutionException, InterruptedException, TimeoutException {
        boolean inTime = endsOrIsStopped(execution, outcome);
        if (outcome.isDone()) {
            return outcome.get();
        }
        StackTraceElement[] where = thread.getStackTrace();
        thread.interrupt();
        long asked = System.nanoTime();
        boolean ended = endsInGrace(execution, outcome);
        if (!ended) {
            abandon(execution);
        }
        String rest =
                ended
                        ? ""
                        : "; it did not stop within "
                                + seconds(Duration.ofNanos(System.nanoTime() - asked))
                                + ". Its thread goes on without output: "
                                + "restart the kernel to end it";
        if (!inTime) {
            throw at(
                    where,
                    new TimeoutException(
                            "the statement ran longer than " + seconds(timeout) + rest));
        }
        if (!ended) {
            throw at(where, new InterruptedException("the cell was interrupted" + rest));
        }
        return outcome.get();
    }

    private boolean endsOrIsStopped(Execution execution, CompletableFuture<Object> outcome)
            throws InterruptedException {
        long millis = timeout.isZero() ? Long.MAX_VALUE : timeout.toMillis();
        return ends(CompletableFuture.anyOf(outcome, execution.stop()), millis);
    }

    /**
     * Whether a statement ends in {@link #GRACE}, or in {@link #PATIENCE} while it shows that it is
     * about to: it has taken note of the interrupt, or it is inside an operation of a native
     * library, as a training step is, which has to end first. A second interrupt ends the wait.
     */
    private boolean endsInGrace(Execution execution, CompletableFuture<Object> outcome)
            throws InterruptedException {
        long start = System.nanoTime();
        long aboutToEnd = start;
        boolean told = false;
        while (!ends(outcome, POLL_MILLIS)) {
            long now = System.nanoTime();
            if (!thread.isInterrupted() || isInNativeLibrary()) {
                aboutToEnd = now;
            }
            if (now - aboutToEnd > GRACE.toNanos()
                    || now - start > PATIENCE.toNanos()
                    || execution.stopRequestedAgain()) {
                return false;
            }
            if (!told && now - start > GRACE.toNanos()) {
                told = true;
                System.err.println(
                        "interrupted; what is at work ends first (interrupt again to leave it)");
            }
        }
        return true;
    }

    /** The class library's own native methods are short: a loop that prints is not about to end. */
    private boolean isInNativeLibrary() {
        if (thread.getState() != Thread.State.RUNNABLE) {
            return false;
        }
        StackTraceElement[] stack = thread.getStackTrace();
        return stack.length > 0 && stack[0].isNativeMethod() && stack[0].getModuleName() == null;
    }

    private static boolean ends(CompletableFuture<Object> outcome, long millis)
            throws InterruptedException {
        try {
            outcome.get(millis, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            return true;
        }
        return true;
    }

    private void abandon(Execution execution) {
        execution.abandon();
        thread.setPriority(Thread.MIN_PRIORITY);
        worker.shutdown();
        startWorker();
    }

    /**
     * Runs no further statement, interrupts what runs and waits until it has ended, abandoned
     * statements among it, or until the time is over.
     *
     * <p>A process that exits while one of its threads is in native code takes the libraries' state
     * from under that thread, which then crashes.
     */
    void stop(Duration patience) {
        ending = true;
        Thread last = thread;
        if (last != null) {
            last.interrupt();
        }
        try {
            CompletableFuture.allOf(running.toArray(CompletableFuture[]::new))
                    .get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // ended by its interrupt, or does not heed it: either way there is no more to wait for
        }
    }

    private void startWorker() {
        worker =
                Executors.newSingleThreadExecutor(
                        task -> {
                            thread = new Thread(task, "cell");
                            thread.setDaemon(true);
                            thread.setContextClassLoader(contextClassLoader);
                            return thread;
                        });
    }

    private static <E extends Exception> E at(StackTraceElement[] where, E exception) {
        exception.setStackTrace(where);
        return exception;
    }

    private static String seconds(Duration duration) {
        return duration.toMillis() / 1000.0 + " s";
    }

    @Override
    public void close() {
        worker.shutdownNow();
    }
}
