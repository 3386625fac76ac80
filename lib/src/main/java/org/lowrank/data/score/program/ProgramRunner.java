package org.lowrank.data.score.program;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.lowrank.data.score.program.ProgramVerdict.Result;

/**
 * Runs programs that a model wrote, each in a child process, and says whether it came to its end.
 *
 * <p>The child gets the program and a secret word by its standard input, sees a clean environment
 * (no keys of the user), has nothing to read and nowhere to print. Passed is what says the word
 * behind the program's last line; an exit, a kill or a word of its own is none. Whatever happens,
 * every process that it started is killed and its folder deleted before the verdict is given.
 */
public final class ProgramRunner {

    /** Until Python has started, on a machine under load. */
    private static final long START_SECONDS = 60;

    private static final long LOOK_MILLIS = 40;
    private static final String TIME = "time";

    /** Of the names of its folders: what is left behind tells whose it was. */
    static final String FOLDER = "lowrank-program-" + ProcessHandle.current().pid() + "-";

    private final ProgramLimits limits;
    private final Isolation isolation;
    private final String driver;

    private ProgramRunner(ProgramLimits limits, Isolation isolation, String driver) {
        this.limits = limits;
        this.isolation = isolation;
        this.driver = driver;
    }

    /**
     * A runner for this system.
     *
     * @param runGeneratedCode that a person said {@code --run-generated-code}
     * @throws GeneratedCodeException if nobody did, or there is no {@code python3}
     */
    public static ProgramRunner open(boolean runGeneratedCode, ProgramLimits limits)
            throws IOException, InterruptedException {
        if (!runGeneratedCode) {
            throw GeneratedCodeException.notAllowed();
        }
        return within(Isolation.ofThisSystem(), limits);
    }

    static ProgramRunner within(Isolation isolation, ProgramLimits limits) throws IOException {
        return new ProgramRunner(limits, isolation, Isolation.resource("driver.py"));
    }

    /** What holds for every program: network, files, processes, Python. */
    public Map<String, String> facts() {
        return isolation.facts();
    }

    /** The verdicts on several programs in their order, some of them run at once. */
    public List<ProgramVerdict> run(List<String> programs, int atOnce)
            throws IOException, InterruptedException {
        var threads = Executors.newFixedThreadPool(atOnce);
        try {
            var calls = new ArrayList<Callable<ProgramVerdict>>();
            programs.forEach(program -> calls.add(() -> run(program)));
            var verdicts = new ArrayList<ProgramVerdict>();
            for (var verdict : threads.invokeAll(calls)) {
                verdicts.add(verdict.get());
            }
            return verdicts;
        } catch (ExecutionException e) {
            throw new IOException("a program could not be run: " + e.getCause().getMessage(), e);
        } finally {
            threads.shutdownNow();
            threads.awaitTermination(START_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** The verdict on one program: the text of a whole module, its checks at the end. */
    public ProgramVerdict run(String program) throws IOException, InterruptedException {
        var folder = Files.createTempDirectory(FOLDER).toRealPath();
        var proof = UUID.randomUUID().toString();
        try {
            return run(program, folder, proof);
        } finally {
            WorkFolder.delete(folder);
        }
    }

    private ProgramVerdict run(String program, Path folder, String proof)
            throws IOException, InterruptedException {
        var process = start(folder, proof);
        var tree = new ProcessTree(process, markOf(proof));
        var channel = new ProgramChannel(process, proof);
        try {
            channel.send(limits, isolation.hasOwnProcesses(), program);
            var over = watch(process, tree, channel, folder);
            tree.kill();
            return verdict(over, channel.end(), process.waitFor());
        } finally {
            tree.kill();
            channel.await();
        }
    }

    private Process start(Path folder, String proof) throws IOException {
        var seconds = START_SECONDS + (long) Math.ceil(limits.seconds()) + 5;
        var builder =
                new ProcessBuilder(isolation.command(folder, limits.diskBytes(), seconds, driver))
                        .directory(folder.toFile())
                        .redirectError(ProcessBuilder.Redirect.DISCARD);
        var environment = builder.environment();
        var path = environment.getOrDefault("PATH", "/usr/bin:/bin");
        environment.clear();
        environment.putAll(
                Map.of(
                        "PATH",
                        path,
                        "HOME",
                        ".",
                        "TMPDIR",
                        ".",
                        "LC_ALL",
                        "C.UTF-8",
                        "PYTHONHASHSEED",
                        "0",
                        ProcessTree.MARK,
                        markOf(proof)));
        return builder.start();
    }

    /** The mark can be read by the program, so it is not the proof. */
    private static String markOf(String proof) {
        return UUID.nameUUIDFromBytes(proof.getBytes(StandardCharsets.UTF_8)).toString();
    }

    /** Waits until the program has ended or is over a limit; the limit in words, else empty. */
    private String watch(Process process, ProcessTree tree, ProgramChannel channel, Path folder)
            throws InterruptedException {
        var deadline = System.nanoTime() + START_SECONDS * 1_000_000_000L;
        var begun = false;
        while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
            if (!begun && channel.begun().isPresent()) {
                begun = true;
                deadline = channel.begun().getAsLong() + (long) (limits.seconds() * 1e9);
            }
            if (channel.ended()) {
                return "";
            }
            if (System.nanoTime() > deadline) {
                return begun ? TIME : "python3 did not start within " + START_SECONDS + " s";
            }
            var over = tree.over(limits);
            if (over.isPresent()) {
                return over.get();
            }
            if (WorkFolder.bytes(folder) > limits.diskBytes()) {
                return "more than " + (limits.diskBytes() >> 20) + " MiB of files";
            }
        }
        return "";
    }

    private ProgramVerdict verdict(String over, String end, int status) {
        if (end.equals("passed")) {
            return new ProgramVerdict(Result.PASSED, "", facts());
        }
        if (over.equals(TIME)) {
            var said = "not done after " + limits.seconds() + " s";
            return new ProgramVerdict(Result.TIMED_OUT, said, facts());
        }
        var said =
                !over.isEmpty()
                        ? over
                        : end.startsWith("failed ")
                                ? end.substring("failed ".length())
                                : "ended with status " + status + " before its tests did";
        return new ProgramVerdict(Result.FAILED, said, facts());
    }
}
