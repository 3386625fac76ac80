package org.lowrank.cli;

import java.io.PrintStream;
import java.util.Locale;
import org.lowrank.experiment.run.Tuning;
import org.lowrank.experiment.spec.RunConfig;
import org.lowrank.train.StepReport;
import org.lowrank.train.TrainingListener;

/** Where a tuning stands: one line that changes in place, elsewhere a line every tenth of a run. */
final class TuningLine {

    private final PrintStream out;
    private final boolean terminal;

    TuningLine(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** What is told of each step of a run. */
    TrainingListener begin(Tuning.Begun begun) {
        var config = begun.run().config();
        var what =
                String.format(
                        Locale.ROOT,
                        "run %d of %d (%s, rate %s, seed %d)",
                        begun.number(),
                        begun.expected(),
                        config.phase() == RunConfig.Phase.search ? "choosing the rate" : "judged",
                        config.training().learningRate(),
                        config.seed());
        return new TrainingListener() {
            private double seconds;
            private long steps;

            @Override
            public void afterStep(StepReport report) {
                seconds += report.seconds();
                steps++;
                show(what, report, seconds / steps);
            }
        };
    }

    private void show(String what, StepReport report, double stepSeconds) {
        var line =
                String.format(
                        Locale.ROOT,
                        "%s: step %d of %d, loss %.3f, %.0f tokens/s, %.0f s left",
                        what,
                        report.step(),
                        report.totalSteps(),
                        report.loss(),
                        report.tokens() / report.seconds(),
                        (report.totalSteps() - report.step()) * stepSeconds);
        if (terminal) {
            out.print("\r\u001b[K" + line);
            out.flush();
        } else if (report.step() % Math.max(1, report.totalSteps() / 10) == 0) {
            out.println(line);
        }
    }

    void end() {
        if (terminal) {
            out.print("\r\u001b[K");
            out.flush();
        }
    }
}
