package org.lowrank.data.score.program;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * What this system allows to hold a program in: tried once, the strongest that works is taken.
 *
 * <p>Namespaces of Linux by {@code unshare}: no network, processes that all die with the first, and
 * a file system that is read-only but for a folder in memory. Where a container or a setting
 * forbids them, the limits of the process itself remain, and {@link #facts} says what is open.
 */
final class Isolation {

    private static final long PROBE_SECONDS = 30;

    /** How much can be held in, the strongest first. */
    enum Level {
        FILES("none", "read-only but a folder of its own in memory", "a namespace of their own"),
        NETWORK("none", "as the user's", "a namespace of their own"),
        NOTHING("open: unshare is not allowed here", "as the user's", "found by a mark and killed");

        private final Map<String, String> facts;

        Level(String network, String files, String processes) {
            facts = Map.of("network", network, "files", files, "processes", processes);
        }
    }

    private final Level level;
    private final boolean bounded;
    private final String python;
    private final Map<String, String> facts;

    private Isolation(Level level, boolean bounded, String python, Map<String, String> facts) {
        this.level = level;
        this.bounded = bounded;
        this.python = python;
        this.facts = facts;
    }

    /**
     * Finds Python and what the system allows.
     *
     * @throws GeneratedCodeException if there is no {@code python3}
     */
    static Isolation ofThisSystem() throws IOException, InterruptedException {
        return atMost(Level.FILES);
    }

    static Isolation atMost(Level strongest) throws IOException, InterruptedException {
        var about = "import sys; print(sys.executable); print(sys.version.split()[0])";
        var found = said(List.of("python3", "-I", "-c", about));
        if (found.size() != 2) {
            throw new GeneratedCodeException(
                    "there is no python3 on the path, which HumanEval's programs are run with");
        }
        var python = found.get(0);
        var bounded = works(List.of("timeout", "-s", "KILL", "9", python, "-I", "-c", ""));
        for (var level : EnumSet.range(strongest, Level.NOTHING)) {
            var facts = new TreeMap<>(level.facts);
            facts.put("python", found.get(1));
            var isolation = new Isolation(level, bounded, python, Map.copyOf(facts));
            if (level == Level.NOTHING || isolation.works()) {
                return isolation;
            }
        }
        throw new AssertionError("the last level needs nothing");
    }

    Map<String, String> facts() {
        return facts;
    }

    /** True if the program sees and counts no processes but its own. */
    boolean hasOwnProcesses() {
        return level != Level.NOTHING;
    }

    /**
     * The command that runs Python code in a folder.
     *
     * @param seconds after which all ends even if this process is gone
     */
    List<String> command(Path folder, long diskBytes, long seconds, String code)
            throws IOException {
        var command = new ArrayList<String>();
        if (bounded) {
            command.addAll(List.of("timeout", "-s", "KILL", Long.toString(seconds)));
        }
        if (level != Level.NOTHING) {
            command.addAll(List.of("unshare", "-r", "-n", "-p", "-f", "--kill-child"));
        }
        var run = List.of(python, "-s", "-B", "-c", code);
        if (level == Level.FILES) {
            command.addAll(List.of("-m", "sh", "-c", resource("isolate.sh"), "sh"));
            command.addAll(List.of(folder.toString(), Long.toString(diskBytes)));
        } else {
            // A child of the shell: the first process of a namespace ignores its own signals, and
            // where there is none, a program that kills its parent kills the shell.
            command.addAll(List.of("sh", "-c", "\"$@\"; exit $?", "sh"));
        }
        command.addAll(run);
        return command;
    }

    static String resource(String name) throws IOException {
        try (var in = Isolation.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private boolean works() throws IOException, InterruptedException {
        var folder = Files.createTempDirectory("lowrank-probe-");
        try {
            return works(command(folder, 1 << 20, PROBE_SECONDS, "open('written', 'w').close()"));
        } finally {
            WorkFolder.delete(folder);
        }
    }

    private static boolean works(List<String> command) throws InterruptedException {
        try {
            var process =
                    new ProcessBuilder(command)
                            .directory(Path.of(System.getProperty("java.io.tmpdir")).toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            process.getOutputStream().close();
            if (!process.waitFor(PROBE_SECONDS, TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                return false;
            }
            return process.exitValue() == 0;
        } catch (IOException e) {
            return false; // no such program
        }
    }

    private static List<String> said(List<String> command) throws InterruptedException {
        try {
            var process =
                    new ProcessBuilder(command)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            process.getOutputStream().close();
            var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 ? text.lines().toList() : List.of();
        } catch (IOException e) {
            return List.of();
        }
    }
}
