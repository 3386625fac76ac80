package org.lowrank.experiment.run;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.lowrank.engine.FileFault;
import org.lowrank.engine.Machine;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.train.Checkpoints;

/** Does one planned run in a process of its own: a worker of an engine, or a cluster's job. */
public final class WorkerMain {

    /** For the present step, an evaluation, and a checkpoint. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private WorkerMain() {}

    /** What {@link #main} is called with by this process. */
    static List<String> arguments(String hash, RunFolder folder, Duration checkpointEvery) {
        var parent = ProcessHandle.current().pid();
        return List.of(
                hash, folder.root().toString(), checkpointEvery.toString(), Long.toString(parent));
    }

    /** What the Java of a worker is started with. */
    public static List<String> javaOptions(EngineOptions options) {
        var java = new ArrayList<String>();
        java.add("-Dai.djl.offline=true");
        java.add("-Djava.awt.headless=true");
        java.add("-Dai.djl.pytorch.num_threads=" + options.threads());
        java.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
        java.addAll(options.javaOptions());
        return java;
    }

    /** What the environment of a worker holds beside its parent's. */
    public static Map<String, String> environment(EngineOptions options) {
        return Map.of(
                "OPT_OUT_TRACKING", "true", "OMP_NUM_THREADS", Integer.toString(options.threads()));
    }

    /**
     * @param arguments the name of the run, the folder of runs, the time between checkpoints, the
     *     process whose end stops this one
     */
    public static void main(String[] arguments) {
        Machine.writePlainNumbers();
        int code = ExitCode.ERROR;
        try {
            code =
                    work(
                            arguments[0],
                            RunFolder.at(Path.of(arguments[1])),
                            Duration.parse(arguments[2]),
                            OptionalLong.of(Long.parseLong(arguments[3])));
        } catch (IOException e) {
            System.out.println(FileFault.sentence(e));
        } catch (Exception e) {
            e.printStackTrace(System.out);
        }
        System.exit(code);
    }

    /**
     * Does the run; asked to end (Ctrl-C, SIGTERM), it leaves a checkpoint first.
     *
     * @param parent the process whose end stops the run
     * @return an {@link ExitCode}
     */
    public static int work(
            String hash, RunFolder folder, Duration checkpointEvery, OptionalLong parent)
            throws Exception {
        var execution = new RunExecution(folder, new Checkpoints.Interval(0, checkpointEvery));
        parent.ifPresent(
                pid ->
                        ProcessHandle.of(pid)
                                .ifPresentOrElse(
                                        p -> p.onExit().thenRun(execution::cancel),
                                        execution::cancel));
        var record = OnShutdown.during(() -> execution.execute(hash), execution::cancel, PATIENCE);
        record.ifPresent(r -> System.out.println(r.hash() + " " + r.status()));
        return ExitCode.of(record);
    }
}
