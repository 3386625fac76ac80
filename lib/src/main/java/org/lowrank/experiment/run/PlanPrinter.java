package org.lowrank.experiment.run;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.spec.Rates;

/** A plan as text. */
public final class PlanPrinter {

    private PlanPrinter() {}

    /** One line a known run, and sums. */
    public static String print(Planner planner, RunFolder folder) throws IOException {
        var plan = planner.plan();
        var text = new StringBuilder();
        var experiment = planner.grid().experiment();
        text.append(experiment.title()).append("\n\n");
        row(text, "run", "state", "phase", "method", "task", "rate", "seed");
        for (var cell : plan) {
            cell.runs().forEach(run -> print(text, run));
            int later = cell.expectedRuns() - (int) cell.runs().count();
            if (later > 0) {
                row(
                        text,
                        later + " more",
                        "later",
                        "evaluation",
                        cell.cell().row(),
                        cell.cell().task().label(),
                        "chosen",
                        "");
            }
        }
        return text.append('\n').append(sums(plan, folder)).toString();
    }

    private static void print(StringBuilder text, PlannedRun run) {
        row(
                text,
                run.hash(),
                run.record().map(r -> r.status().name()).orElse("missing"),
                run.config().phase().name(),
                run.cell().row(),
                run.cell().task().label(),
                Rates.text(run.config().training().learningRate()),
                String.valueOf(run.config().seed()));
    }

    private static void row(StringBuilder text, Object... fields) {
        text.append(
                String.format(Locale.ROOT, "%-16s  %-9s  %-10s  %-24s  %-12s  %-9s  %s", fields)
                        .stripTrailing());
        text.append('\n');
    }

    private static String sums(List<CellPlan> plan, RunFolder folder) throws IOException {
        long total = plan.stream().mapToLong(CellPlan::expectedRuns).sum();
        long done = plan.stream().flatMap(CellPlan::runs).filter(PlannedRun::isDone).count();
        var others =
                folder.hashes().stream().flatMap(hash -> folder.record(hash).stream()).toList();
        var left = TimeEstimate.left(plan, others);
        return String.format(
                Locale.ROOT,
                "%d runs, %d done, %d to do (the search may add some). Time for one worker: %s%n",
                total,
                done,
                total - done,
                time(left));
    }

    private static String time(TimeEstimate.Left left) {
        if (left.unknown() == 0) {
            return EngineStatus.clock(left.seconds());
        }
        return left.known() == 0
                ? "unknown, no run like these was finished yet"
                : String.format(
                        "%s for %d of them; no run like the other %d was finished yet",
                        EngineStatus.clock(left.seconds()), left.known(), left.unknown());
    }
}
