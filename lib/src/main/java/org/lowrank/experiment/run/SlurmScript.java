package org.lowrank.experiment.run;

import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import org.lowrank.experiment.record.RunFolder;

/**
 * The runs that a plan lacks as a job array: one index a run, each resumable. A job that is
 * preempted gets SIGTERM two minutes before its end and leaves a checkpoint; submitted again, the
 * script does what is left and passes over what is done or under way.
 */
public final class SlurmScript {

    private SlurmScript() {}

    /**
     * The script, for {@code sbatch}; the configurations of its runs are written to the folder,
     * which all nodes must see.
     *
     * @param command what starts {@code lowrank} on a node
     * @throws IllegalArgumentException if no run is missing
     */
    public static String of(
            Planner planner, RunFolder folder, EngineOptions options, String command)
            throws IOException {
        var missing = planner.missing();
        if (missing.isEmpty()) {
            throw new IllegalArgumentException("every run that is known is done");
        }
        for (var run : missing) {
            folder.request(run.config());
        }
        var names = missing.stream().map(PlannedRun::hash).collect(Collectors.joining("\n"));
        int jobs = options.jobs();
        // a job sees the GPU that it was given as the first, which is the engine's choice
        boolean gpu = options.devices().stream().anyMatch(device -> device.startsWith("gpu"));
        return String.join(
                "\n",
                List.of(
                        "#!/usr/bin/env bash",
                        "#SBATCH --job-name=lowrank-" + planner.grid().experiment().name(),
                        "#SBATCH --array=1-" + missing.size() + (jobs > 1 ? "%" + jobs : ""),
                        "#SBATCH --cpus-per-task="
                                + options.threads()
                                + (gpu ? "\n#SBATCH --gpus-per-task=1" : ""),
                        "#SBATCH --requeue",
                        "#SBATCH --signal=TERM@120",
                        "#SBATCH --output=%x-%A_%a.log",
                        "# One run an index. When the array is through, print the script again:"
                                + " the runs at the rates",
                        "# that the search has chosen follow. Without Slurm: set"
                                + " SLURM_ARRAY_TASK_ID.",
                        "set -euo pipefail",
                        "run=\"$(sed -n \"${SLURM_ARRAY_TASK_ID:?is set by Slurm}p\" <<'RUNS'",
                        names,
                        "RUNS",
                        ")\"",
                        "[ -n \"$run\" ] || { echo \"there are "
                                + missing.size()
                                + " runs, none has the number $SLURM_ARRAY_TASK_ID\" >&2; exit 2;"
                                + " }",
                        "status=0",
                        "OMP_NUM_THREADS="
                                + options.threads()
                                + " "
                                + command
                                + " run-one \"$run\" --runs "
                                + quoted(folder.root().toString())
                                + " --checkpoint-every "
                                + options.checkpointEvery().toSeconds()
                                + "s & child=$!",
                        "trap 'kill -TERM \"$child\" 2>/dev/null' TERM INT",
                        "while kill -0 \"$child\" 2>/dev/null; do status=0; wait \"$child\" ||"
                                + " status=$?; done",
                        "[ \"$status\" -ne "
                                + ExitCode.BUSY
                                + " ] || { echo \"another task does $run\"; status=0; }",
                        "exit \"$status\"",
                        ""));
    }

    /** A word of the shell, whatever it holds. */
    public static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
