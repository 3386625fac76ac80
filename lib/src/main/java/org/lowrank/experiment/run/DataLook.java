package org.lowrank.experiment.run;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.experiment.spec.RunConfig;
import org.lowrank.model.LoadOptions;
import org.lowrank.task.OpenTask;
import org.lowrank.task.Part;
import org.lowrank.task.TaskContext;
import org.lowrank.task.Tasks;
import org.lowrank.train.StepPlan;

/**
 * What a tuning is about to do, seen before it begins: the data, the model as it came, and what the
 * runs will take.
 *
 * @param facts counts, lengths and checksums of the data
 * @param remarks records that are left out, stand twice or are shared with the test, by file and
 *     line
 * @param example the first training record as the model sees it, what it learns in ⟦ ⟧
 * @param weights values of the model
 * @param trained values of an adapter on every linear map
 * @param bytes of memory that a run needs, about
 * @param steps of a run
 * @param stepSeconds of a step, about: from the time of a pass forward
 * @param untrained the metrics of the model as it came, on the test rows
 * @param said what it answered to the first test rows, beside the reference
 */
public record DataLook(
        Map<String, Object> facts,
        List<String> remarks,
        String example,
        long weights,
        long trained,
        double bytes,
        int steps,
        double stepSeconds,
        Map<String, Double> untrained,
        List<String> said) {

    private static final int SHOWN = 3;

    /** Backward passes take a little more than forward ones. */
    private static final double STEP_OVER_FORWARD = 3.2;

    /** What is kept of a token for the backward pass, over what the linear maps read and write. */
    private static final double KEPT = 1.5;

    /**
     * Looks: reads the data, opens the model and scores it as it came.
     *
     * @throws IOException with every fault of the data by file and line
     */
    public static DataLook of(RunConfig config) throws IOException {
        try (var manager = NDManager.newBaseManager()) {
            var training = config.training();
            var context =
                    new TaskContext(
                            config.model(),
                            LoadOptions.PLAIN.withPrecision(config.precision()),
                            training.batchSize(),
                            config.seed(),
                            manager);
            try (var open = Tasks.of(config.task()).open(config.task(), context)) {
                return of(config, open);
            }
        }
    }

    private static <P> DataLook of(RunConfig config, OpenTask<P> task) {
        var preview =
                task.preview()
                        .orElseThrow(
                                () ->
                                        new IllegalArgumentException(
                                                config.task().name()
                                                        + " has no prompts and answers"));
        long start = System.nanoTime();
        preview.pass(Part.VALIDATION);
        double seconds = (System.nanoTime() - start) / 1e9;
        double forward = seconds / preview.tokens(Part.VALIDATION);
        var said = task.predict(Part.TEST);
        var training = config.training();
        int rows = training.batchSize() * training.gradientAccumulation();
        double stepTokens = rows * preview.tokens(Part.TRAIN) / (double) preview.rows(Part.TRAIN);
        var linears =
                task.network().linears().values().stream()
                        .filter(linear -> linear.role() == AdaptableLinear.Role.WITHIN)
                        .toList();
        long widths = linears.stream().mapToLong(l -> l.in() + l.out()).sum();
        long trained = config.adapter().rank() * widths;
        long weights = task.network().parameterCount();
        double batch = (double) training.batchSize() * preview.longest();
        return new DataLook(
                task.facts(),
                preview.remarks(),
                preview.example(),
                weights,
                trained,
                baseBytes(task)
                        + 4.0
                                * (4 * trained
                                        + KEPT * batch * widths
                                        + 3 * batch * preview.vocabulary()),
                StepPlan.of(training, task.objective().batchesPerEpoch()).steps(),
                STEP_OVER_FORWARD * forward * stepTokens,
                task.score(Part.TEST, said),
                preview.samples(said, SHOWN));
    }

    private static double baseBytes(OpenTask<?> task) {
        return task.network().parameters().values().stream()
                .mapToDouble(array -> (double) array.size() * array.getDataType().getNumOfBytes())
                .sum();
    }

    /**
     * For people to read.
     *
     * @param runs that there are to be
     */
    public String text(int runs) {
        var text = new StringBuilder("Data\n");
        facts.forEach(
                (name, value) ->
                        text.append(
                                "  %s: %s%n"
                                        .formatted(
                                                name.replace('_', ' '),
                                                String.valueOf(value)
                                                        .replaceAll("[{}]", "")
                                                        .replaceAll("([a-z0-9_]+)=", "$1 ")
                                                        .replace('_', ' '))));
        text.append("  the first record, learned is what stands in ⟦ ⟧:\n    ")
                .append(example.replace("\n", "\n    "))
                .append('\n');
        if (!remarks.isEmpty()) {
            text.append("  to be known:\n");
            remarks.stream().limit(20).forEach(r -> text.append("    ").append(r).append('\n'));
            if (remarks.size() > 20) {
                text.append("    and %d more%n".formatted(remarks.size() - 20));
            }
        }
        text.append(
                String.format(
                        Locale.ROOT,
                        "Model\n  %.1f M weights, about %.1f M of an adapter; about %.1f GB of"
                                + " memory%n",
                        weights / 1e6,
                        trained / 1e6,
                        bytes / 1e9));
        text.append(
                String.format(
                        Locale.ROOT,
                        "Time\n  about %.1f s a step, %d steps a run, %d %s: about %.0f min%n",
                        stepSeconds,
                        steps,
                        runs,
                        runs == 1 ? "run" : "runs",
                        Math.ceil(runs * steps * stepSeconds / 60)));
        return text.toString();
    }
}
