package org.lowrank.experiment.record;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.lowrank.config.Json;
import org.lowrank.experiment.spec.RunConfig;

/**
 * All that is kept of one run; the three parts and their names are those of PEFT's method
 * comparison. Nothing enters a table or a figure without one.
 *
 * <p>Two runs of one configuration on one machine with equal numbers of threads differ in times,
 * memory and attempts only; see {@link #reproducible()}.
 */
public record RunRecord(RunInfo runInfo, TrainInfo trainInfo, MetaInfo metaInfo) {

    public RunRecord {
        if (runInfo == null || trainInfo == null || metaInfo == null) {
            throw new IllegalArgumentException("run_info, train_info or meta_info is missing");
        }
        if (trainInfo.status == null || trainInfo.metrics == null) {
            throw new IllegalArgumentException("train_info.status or .metrics is missing");
        }
    }

    /** How a run ended. */
    public enum Status {
        finished(true),
        /**
         * The loss or a gradient became NaN or infinite, or the method met a matrix that it cannot
         * invert: a result; {@link RunInfo#errorMsg} tells which.
         */
        diverged(true),
        /** An error; {@link RunInfo#errorMsg} tells which. */
        failed(false),
        /** Stopped from outside; the next engine goes on from the last checkpoint. */
        cancelled(false);

        private final boolean result;

        Status(boolean result) {
            this.result = result;
        }

        /** True if the run is over for good and is never done again. */
        public boolean isResult() {
            return result;
        }
    }

    /**
     * What was run.
     *
     * @param hash name of the run
     * @param configSha256 the hash in full
     * @param createdAt ISO 8601, UTC
     * @param totalTime seconds from the start of the process to this record, and those that its
     *     checkpoint had seen before
     * @param attempts every process that worked on it
     * @param resumedAtStep the step of the checkpoint that the last process went on from, 0 if it
     *     began anew
     * @param errorMsg why it failed, diverged or was cancelled, else null
     */
    public record RunInfo(
            String hash,
            String configSha256,
            String createdAt,
            double totalTime,
            List<Attempt> attempts,
            long resumedAtStep,
            String errorMsg,
            RunConfig config) {}

    /**
     * One process that worked on a run.
     *
     * @param threads of the engine's linear algebra; bit-equality is for equal numbers
     */
    public record Attempt(String startedAt, long pid, int threads) {}

    /**
     * What came out.
     *
     * @param steps optimizer steps done
     * @param totalSteps optimizer steps of the whole run
     * @param epochs passes over the training data that were done; null in records before this field
     * @param trainTime seconds in steps and evaluations
     * @param peakMemoryBytes highest resident memory of the process, -1 if the system does not tell
     * @param optimizer with every hyper-parameter
     * @param parametersSha256 of all trained values after the last step
     * @param metrics the loss curve, thinned; the whole stands in the run's {@code metrics.jsonl}
     * @param evaluations on the validation split, by step
     * @param test on the test split after the last step, null in a search run
     */
    public record TrainInfo(
            Status status,
            long steps,
            long totalSteps,
            Double epochs,
            double trainTime,
            long peakMemoryBytes,
            long optimizerStateBytes,
            long numTrainableParams,
            long numTotalParams,
            String optimizer,
            String parametersSha256,
            List<Point> metrics,
            List<Evaluation> evaluations,
            SplitScore validation,
            SplitScore test) {}

    /** A window of the loss curve: means over the steps after the previous point up to this one. */
    public record Point(long step, double loss, double learningRate, double gradientNorm) {}

    /** Metrics after a step. */
    public record Evaluation(long step, Map<String, Double> metrics) {}

    /**
     * The score on one split after the last step.
     *
     * @param metrics by name; rates as fractions, not per cent
     * @param majority the same metrics for one who always says the most frequent class of the
     *     training data; empty for a task without classes
     * @param predictedClasses how often each class was predicted; empty for a task without classes
     */
    public record SplitScore(
            Map<String, Double> metrics,
            Map<String, Double> majority,
            Map<String, Long> predictedClasses) {

        public SplitScore {
            if (metrics == null || majority == null || predictedClasses == null) {
                throw new IllegalArgumentException(
                        "metrics, majority or predicted_classes is missing");
            }
            metrics = new TreeMap<>(metrics);
            majority = new TreeMap<>(majority);
            predictedClasses = new TreeMap<>(predictedClasses);
        }

        /** True if a classifier said one and the same class for all rows. */
        public boolean predictsOneClass() {
            return predictedClasses.values().stream().filter(count -> count > 0).count() == 1;
        }
    }

    /**
     * What it was run with.
     *
     * @param data name, checksum, rows and classes of the data
     * @param model name and checksum of the weights
     * @param packages versions of this library and of what it computes with
     * @param system operating system, processor, memory, JDK, threads
     */
    public record MetaInfo(
            Map<String, Object> data,
            Map<String, Object> model,
            Map<String, String> packages,
            Map<String, Object> system) {}

    public Status status() {
        return trainInfo.status();
    }

    public String hash() {
        return runInfo.hash();
    }

    RunRecord withMetrics(List<Point> metrics) {
        return new RunRecord(runInfo, Json.with(trainInfo, Map.of("metrics", metrics)), metaInfo);
    }

    /**
     * The part that a second run of the configuration must repeat bit for bit: all but times,
     * memory, attempts and the machine.
     */
    public String reproducible() {
        var timeless = Json.with(trainInfo, Map.of("train_time", 0, "peak_memory_bytes", 0));
        var parts = List.of(runInfo.config(), timeless, metaInfo.data(), metaInfo.model());
        return Json.canonical(Json.mapper().valueToTree(parts));
    }
}
