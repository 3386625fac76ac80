package org.lowrank.experiment.run;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/**
 * Where an engine stands.
 *
 * @param done runs that are over for good, cached ones included
 * @param total runs of the table as far as they are known
 * @param running what the workers do
 * @param elsewhere runs that other engines do at the moment
 * @param failed runs that were given up in this session
 * @param secondsLeft an estimate from finished runs, nothing while there is none
 */
public record EngineStatus(
        int done,
        int total,
        List<Running> running,
        int elsewhere,
        List<Failed> failed,
        OptionalDouble secondsLeft) {

    private static final int SHOWN = 3;

    /**
     * From a plan as its records stand.
     *
     * @param workers how many do runs at a time, for the estimate
     */
    public static EngineStatus of(
            List<CellPlan> plan,
            List<Running> running,
            int elsewhere,
            List<Failed> failed,
            int workers) {
        int done = 0;
        for (var cell : plan) {
            done += (int) cell.runs().filter(PlannedRun::isDone).count();
        }
        var left = TimeEstimate.left(plan, List.of());
        return new EngineStatus(
                done,
                plan.stream().mapToInt(CellPlan::expectedRuns).sum(),
                running,
                elsewhere,
                failed,
                left.unknown() == 0
                        ? OptionalDouble.of(left.seconds() / workers)
                        : OptionalDouble.empty());
    }

    /** One worker. */
    public record Running(String label, long step, long totalSteps) {
        @Override
        public String toString() {
            return totalSteps == 0
                    ? label + " (starting)"
                    : String.format(Locale.ROOT, "%s %d/%d", label, step, totalSteps);
        }
    }

    /**
     * A run that was given up.
     *
     * @param run its cell, rate and seed
     * @param hash its name
     * @param reason what its record says, over one or more lines
     */
    public record Failed(String run, String hash, String reason) {}

    /** The runs that were given up, runs of one reason together; empty if there are none. */
    public String failures() {
        var byReason =
                failed.stream()
                        .collect(
                                Collectors.groupingBy(
                                        Failed::reason, LinkedHashMap::new, Collectors.toList()));
        var text = new StringBuilder();
        byReason.forEach(
                (reason, runs) -> {
                    text.append(runs.size() == 1 ? "1 run failed" : runs.size() + " runs failed");
                    text.append(": ").append(reason).append('\n');
                    runs.stream()
                            .limit(SHOWN)
                            .forEach(
                                    run ->
                                            text.append("    ")
                                                    .append(run.hash())
                                                    .append("  ")
                                                    .append(run.run())
                                                    .append('\n'));
                    if (runs.size() > SHOWN) {
                        text.append("    and ").append(runs.size() - SHOWN).append(" more\n");
                    }
                });
        return text.toString();
    }

    /** For example {@code 3/24 done | LoRA, cola 5e-4 seed 1 40/96 | 0:12:30 left}. */
    public String line() {
        var text = new StringBuilder(done + "/" + total + " done");
        if (!running.isEmpty()) {
            text.append(" | ")
                    .append(
                            running.stream()
                                    .map(Running::toString)
                                    .collect(Collectors.joining("; ")));
        }
        if (elsewhere > 0) {
            text.append(" | ").append(elsewhere).append(" run by another engine");
        }
        if (!failed.isEmpty()) {
            text.append(" | ").append(failed.size()).append(" failed");
        }
        secondsLeft.ifPresent(s -> text.append(" | ").append(clock(s)).append(" left"));
        return text.toString();
    }

    /** Hours, minutes, seconds. */
    public static String clock(double seconds) {
        long s = Math.round(seconds);
        return String.format(Locale.ROOT, "%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
    }
}
