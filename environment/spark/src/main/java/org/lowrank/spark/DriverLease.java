package org.lowrank.spark;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The right to send the runs of a shared folder to a cluster: one driver at a time, so that no run
 * is sent twice. The file is written anew every {@link #BEAT}; one that is older than {@link
 * #SILENCE}, by the clock of the file system itself, is of a driver that died.
 */
final class DriverLease implements AutoCloseable {

    static final Duration BEAT = Duration.ofSeconds(15);
    static final Duration SILENCE = Duration.ofMinutes(2);

    private static final String FILE = "driver.txt";

    private final SharedRuns shared;
    private final String owner;
    private final ScheduledExecutorService pulse;

    private DriverLease(SharedRuns shared, String owner) {
        this.shared = shared;
        this.owner = owner;
        pulse =
                Executors.newSingleThreadScheduledExecutor(
                        task -> {
                            var thread = new Thread(task, "lease of " + shared.root());
                            thread.setDaemon(true);
                            return thread;
                        });
        pulse.scheduleAtFixedRate(this::beat, BEAT.toSeconds(), BEAT.toSeconds(), TimeUnit.SECONDS);
    }

    /**
     * The lease.
     *
     * @throws IOException if a living driver has it; the message tells which
     */
    static DriverLease take(SharedRuns shared) throws IOException {
        var self = ProcessHandle.current();
        var host = InetAddress.getLocalHost().getHostName();
        var owner = "process " + self.pid() + " on " + host + ", " + UUID.randomUUID();
        var mark = ".clock." + UUID.randomUUID();
        shared.put(owner, mark);
        long now = shared.written(mark);
        shared.delete(mark);
        var holder = shared.text(FILE);
        if (holder.isPresent() && !isDead(holder.get(), host)) {
            long age = now - shared.written(FILE);
            if (age < SILENCE.toMillis()) {
                throw new IOException(
                        shared.root()
                                + " is worked on by another driver ("
                                + holder.get().split(", ")[0]
                                + ", last heard of "
                                + Math.max(0, age / 1000)
                                + " s ago): wait for it, or name another folder (--runs). One that"
                                + " died is given up after "
                                + SILENCE.toSeconds()
                                + " s");
            }
        }
        shared.put(owner, FILE);
        return new DriverLease(shared, owner);
    }

    /** On this machine a driver that has ended is known at once. */
    private static boolean isDead(String holder, String host) {
        var words = holder.split("[ ,]+");
        return words.length > 3
                && words[3].equals(host)
                && words[1].matches("\\d{1,18}")
                && ProcessHandle.of(Long.parseLong(words[1])).isEmpty();
    }

    /** False if this process stood still so long that another driver took over. */
    boolean isHeld() throws IOException {
        return shared.text(FILE).filter(owner::equals).isPresent();
    }

    private void beat() {
        try {
            if (isHeld()) {
                shared.put(owner, FILE);
            }
        } catch (IOException e) {
            // the next beat tries again; SILENCE allows for some that fail
        }
    }

    @Override
    public void close() throws IOException {
        pulse.shutdownNow();
        if (isHeld()) {
            shared.delete(FILE);
        }
    }
}
