package org.lowrank.data.score.program;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A process and all that it started, also what has left its group or lost its parent: what was seen
 * below it once, and what carries its mark in the environment.
 */
final class ProcessTree {

    /** The variable of the environment that marks them. */
    static final String MARK = "LOWRANK_PROGRAM";

    private static final Path PROC = Path.of("/proc");
    private static final int ROUNDS = 200;

    private final ProcessHandle root;
    private final String mark;
    private final Set<ProcessHandle> seen = new HashSet<>();

    ProcessTree(Process root, String mark) {
        // Not by the process itself: that closes its streams, and its last word would be lost.
        this.root = root.toHandle();
        this.mark = mark;
    }

    /** The limit that they exceed now together, in words. */
    Optional<String> over(ProgramLimits limits) {
        var now = root.descendants().toList();
        seen.addAll(now);
        // Beside the program: the shell, unshare and timeout that hold it.
        if (now.size() > limits.processes() + 3) {
            return Optional.of("more than " + limits.processes() + " processes");
        }
        var resident = now.stream().mapToLong(handle -> residentBytes(handle.pid())).sum();
        return resident > limits.memoryBytes()
                ? Optional.of("more than " + (limits.memoryBytes() >> 20) + " MiB of memory")
                : Optional.empty();
    }

    void kill() throws InterruptedException {
        // First what holds them: with the first process of a namespace all others die at once.
        root.children().forEach(ProcessHandle::destroyForcibly);
        root.destroyForcibly();
        for (var round = 0; round < ROUNDS; round++) {
            root.descendants().forEach(seen::add);
            marked().forEach(seen::add);
            root.destroyForcibly();
            seen.forEach(ProcessHandle::destroyForcibly);
            seen.removeIf(ProcessTree::hasEnded);
            if (seen.isEmpty() && hasEnded(root) && marked().findAny().isEmpty()) {
                return;
            }
            Thread.sleep(5);
        }
        throw new IllegalStateException(
                "processes of a program cannot be killed: " + seen + "; end them by hand");
    }

    private Stream<ProcessHandle> marked() {
        var wanted = MARK + "=" + mark;
        return !Files.isDirectory(PROC)
                ? Stream.empty()
                : ProcessHandle.allProcesses()
                        .filter(handle -> read(handle.pid(), "environ").contains(wanted))
                        .filter(handle -> !hasEnded(handle));
    }

    /**
     * True also for a process that has ended and that its parent has not asked for yet: nothing of
     * it runs, but its handle counts it as alive, and an orphan's new parent may take its time.
     */
    private static boolean hasEnded(ProcessHandle handle) {
        if (!handle.isAlive()) {
            return true;
        }
        var stat = read(handle.pid(), "stat");
        int name = stat.lastIndexOf(") ");
        return name >= 0 && "ZX".indexOf(stat.charAt(name + 2)) >= 0;
    }

    private static long residentBytes(long pid) {
        var fields = read(pid, "statm").split(" ");
        return fields.length > 2 ? Long.parseLong(fields[1]) * 4096 : 0;
    }

    private static String read(long pid, String file) {
        try {
            var path = PROC.resolve(Long.toString(pid)).resolve(file);
            return new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return ""; // gone, or another user's
        }
    }
}
