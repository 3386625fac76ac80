package org.lowrank.experiment.record;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.lowrank.config.Json;
import org.lowrank.engine.AtomicFile;
import org.lowrank.engine.Machine;

/**
 * The right to work on one run, over processes and machines that share a folder.
 *
 * <p>The file holds its owner: machine, process id, start time of the process, a token. Its time
 * stamp is renewed every {@link #BEAT}. It is taken over when the owner is dead: on the same
 * machine when no process of that id and start time is alive, at once; from elsewhere when the time
 * stamp, which the owner writes by its own clock, is older than {@link #SILENCE} by the clock of
 * who looks. Machines that share a folder therefore need clocks that agree to a minute or so: an
 * owner whose clock is behind by more than that silence looks dead, finds at its end that the lock
 * is another's ({@link #isHeld}), and its work is lost. Who looks, judges and replaces the file
 * does so under an operating-system lock on a file beside it, which ends with its process, so that
 * of two takers one wins.
 */
public final class RunLock implements AutoCloseable {

    /** Time between two signs of life. */
    static final Duration BEAT = Duration.ofSeconds(20);

    /** Age of the time stamp at which an owner on another machine counts as dead. */
    static final Duration SILENCE = Duration.ofMinutes(5);

    /**
     * How far two processes may differ about the start time of a third where the system counts it
     * by the clock. Linux counts it from the boot, so that a clock that is set makes no difference.
     */
    static final Duration START_TOLERANCE = Duration.ofSeconds(10);

    /** Start times above are milliseconds; a machine is up for no 300 years. */
    private static final long LEAST_BY_CLOCK = 1_000_000_000_000L;

    /** Written into a guard that has lost its name, for those who wait for it. */
    private static final byte[] REMOVED = {1};

    private static final Map<Path, ReentrantLock> IN_THIS_PROCESS = new ConcurrentHashMap<>();

    /**
     * Who holds a lock.
     *
     * @param machine host name, and on Linux the process namespace, in which process ids mean
     *     something
     * @param started when the process began, so that a reused process id is not taken for the
     *     owner: in ticks since the boot, where Linux tells, else in milliseconds
     */
    public record Owner(String machine, long pid, long started, String token) {

        static Owner thisProcess() {
            var self = ProcessHandle.current();
            return new Owner(
                    Machine.identity(), self.pid(), started(self), UUID.randomUUID().toString());
        }

        private static long started(ProcessHandle process) {
            var ticks = Machine.ticksAtStart(process.pid());
            return ticks.isPresent()
                    ? ticks.getAsLong()
                    : process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
        }

        boolean isHere() {
            return machine.equals(Machine.identity());
        }

        boolean isAlive(Instant lastBeat) {
            if (!isHere()) {
                return lastBeat.plus(SILENCE).isAfter(Instant.now());
            }
            return ProcessHandle.of(pid)
                    .filter(ProcessHandle::isAlive)
                    .filter(process -> started == 0 || isStartOf(process))
                    .filter(process -> !Machine.isZombie(pid))
                    .isPresent();
        }

        private boolean isStartOf(ProcessHandle process) {
            if (started < LEAST_BY_CLOCK) {
                var ticks = Machine.ticksAtStart(pid);
                return ticks.isPresent() && ticks.getAsLong() == started;
            }
            long here = process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
            return Math.abs(here - started) <= START_TOLERANCE.toMillis();
        }
    }

    private final Path file;
    private final Owner owner;
    private final ScheduledExecutorService pulse;

    private RunLock(Path file, Owner owner) {
        this.file = file;
        this.owner = owner;
        pulse =
                Executors.newSingleThreadScheduledExecutor(
                        task -> {
                            var thread = new Thread(task, "lock " + file.getParent().getFileName());
                            thread.setDaemon(true);
                            return thread;
                        });
        pulse.scheduleAtFixedRate(this::beat, BEAT.toSeconds(), BEAT.toSeconds(), TimeUnit.SECONDS);
    }

    /**
     * The lock, or nothing if a living owner has it.
     *
     * @throws IOException if the folder cannot be written to or does not support locks
     */
    public static Optional<RunLock> tryAcquire(Path file) throws IOException {
        return guarded(
                file,
                () -> {
                    if (holder(file).isPresent()) {
                        return Optional.empty();
                    }
                    var owner = Owner.thisProcess();
                    var text = Json.line(owner);
                    AtomicFile.write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
                    return Optional.of(new RunLock(file, owner));
                });
    }

    /** The living owner of a lock, if there is one. A damaged lock has none. */
    public static Optional<Owner> holder(Path file) throws IOException {
        try {
            var beat = Files.getLastModifiedTime(file).toInstant();
            return parse(Files.readString(file)).filter(owner -> owner.isAlive(beat));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static Optional<Owner> parse(String text) {
        try {
            return Optional.ofNullable(Json.mapper().readValue(text, Owner.class))
                    .filter(owner -> owner.machine() != null);
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            return Optional.empty();
        }
    }

    /**
     * True while the lock is this one's. It is lost when this process was held up so long that
     * another machine took it for dead; what it would write then is not its to write.
     */
    public boolean isHeld() throws IOException {
        try {
            return parse(Files.readString(file)).filter(owner::equals).isPresent();
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /**
     * Removes the folder of the lock with all that is in it, the lock too, if it is still this
     * one's. Nobody can take the lock in between: who comes meanwhile begins on a new folder.
     *
     * @return whether it was removed
     */
    boolean removeFolder() throws IOException {
        return withGuard(
                file,
                channel -> {
                    if (!isHeld()) {
                        return false;
                    }
                    var guard = guard(file);
                    var folder = guard.getParent();
                    Cleaning.delete(folder, path -> !path.equals(guard) && !path.equals(folder));
                    Files.delete(guard);
                    channel.write(ByteBuffer.wrap(REMOVED));
                    try {
                        Files.delete(folder);
                    } catch (DirectoryNotEmptyException e) {
                        // somebody has already begun on the new one
                    }
                    return true;
                });
    }

    @Override
    public void close() throws IOException {
        pulse.shutdownNow();
        if (!isHeld()) {
            return; // guarding makes the folder, which may have been removed
        }
        guarded(
                file,
                () -> {
                    if (isHeld()) {
                        Files.delete(file);
                    }
                    return null;
                });
    }

    private void beat() {
        try {
            if (isHeld()) {
                Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
            }
        } catch (IOException e) {
            // The next beat tries again; SILENCE allows for many that fail.
        }
    }

    /** Something that no other process does at the same time. */
    @FunctionalInterface
    interface Action<T> {
        T run() throws IOException;
    }

    /** Does something while no other process takes, leaves or guards the lock; it is brief. */
    static <T> T guarded(Path file, Action<T> action) throws IOException {
        return withGuard(file, channel -> action.run());
    }

    /** What is done with the guard open and locked. */
    @FunctionalInterface
    private interface GuardAction<T> {
        T run(FileChannel guard) throws IOException;
    }

    private static <T> T withGuard(Path file, GuardAction<T> action) throws IOException {
        var guard = guard(file);
        // an operating-system lock is the whole process's: its threads need one of their own
        var local = IN_THIS_PROCESS.computeIfAbsent(guard, key -> new ReentrantLock());
        local.lock();
        try {
            while (true) {
                try (var channel = open(guard)) {
                    channel.lock(); // until the channel closes
                    // one that was removed while this process waited for it guards nothing
                    if (channel.size() == 0) {
                        return action.run(channel);
                    }
                }
            }
        } finally {
            local.unlock();
        }
    }

    private static Path guard(Path file) {
        return file.toAbsolutePath().resolveSibling(file.getFileName() + ".guard");
    }

    private static FileChannel open(Path guard) throws IOException {
        while (true) {
            Files.createDirectories(guard.getParent());
            try {
                return FileChannel.open(guard, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            } catch (NoSuchFileException e) {
                // the folder was removed in between
            }
        }
    }
}
