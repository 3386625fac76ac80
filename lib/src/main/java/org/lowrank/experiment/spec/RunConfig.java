package org.lowrank.experiment.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.config.Choice;
import org.lowrank.config.Json;
import org.lowrank.config.Problems;
import org.lowrank.engine.Precision;
import org.lowrank.optim.Optimizers;
import org.lowrank.task.TaskConfig;
import org.lowrank.task.Tasks;
import org.lowrank.train.TrainingConfig;

/**
 * All that decides the outcome of one run, with every default written out. Its hash names the run.
 *
 * @param format of this record; a change of meaning raises it, so that old runs are other runs
 * @param model for example {@code all-minilm-l6-v2}
 * @param seed of head and adapters, order of the data, dropout
 * @param phase what the run is for, see {@link Phase}
 * @param precision in what the frozen base is held; float32, which runs had before this field, is
 *     not written, so that their names stay
 */
public record RunConfig(
        Integer format,
        TaskConfig task,
        String model,
        LoraConfig adapter,
        Choice optimizer,
        TrainingConfig training,
        Long seed,
        Phase phase,
        @JsonInclude(value = JsonInclude.Include.CUSTOM, valueFilter = UsualPrecision.class)
                Precision precision) {

    /** The format that this version writes. */
    public static final int FORMAT = 1;

    /** What a run is for. */
    public enum Phase {
        /** Chooses a learning rate: sees the validation split, never the test split. */
        search,
        /** Goes into a table: the test split is touched once, after the last step. */
        evaluation
    }

    public RunConfig {
        format = format == null ? FORMAT : format;
        task = task == null ? new TaskConfig(null, null, null, null, null, null) : task;
        model = model == null ? "" : model;
        adapter = adapter == null ? LoraConfig.ofDefaults() : adapter;
        if (optimizer == null || optimizer.name() == null) {
            optimizer = new Choice("adamw", optimizer == null ? null : optimizer.options());
        }
        training = training == null ? TrainingConfig.DEFAULT : training;
        seed = seed == null ? 0L : seed;
        phase = phase == null ? Phase.evaluation : phase;
        precision = precision == null ? Precision.float32 : precision;
        adapter = adapter.normalized();
        if (!adapter.hasPairs()) {
            // what describes pairs is blank, so that equal runs have equal hashes
            optimizer = new Choice("adamw", null);
            training = training.withHeadLearningRate(training.learningRate());
        }
    }

    /** What is not written: equal, to Jackson, to the value that a field has by itself. */
    static final class UsualPrecision {
        @Override
        public boolean equals(Object other) {
            return other == null || other == Precision.float32;
        }

        @Override
        public int hashCode() {
            return 0;
        }
    }

    /** The configuration as JSON, fields in their declared order. */
    public JsonNode toJson() {
        return Json.mapper().valueToTree(this);
    }

    /** SHA-256 of the canonical JSON, 64 hex digits. */
    public String sha256() {
        return Json.hash(toJson());
    }

    /** The name of the run: the first 16 hex digits of {@link #sha256()}. */
    public String hash() {
        return sha256().substring(0, 16);
    }

    /** True if a name in it stands for code or rows of this session, which no worker knows. */
    public boolean needsThisSession() {
        return task.code() != null || optimizer.code() != null || !adapter.code().isEmpty();
    }

    void check(Problems problems) {
        problems.require(
                format == FORMAT,
                "format",
                "is " + format + "; this version runs format " + FORMAT);
        problems.require(!model.isEmpty(), "model", "is missing");
        task.check(problems);
        int sound = problems.list().size();
        adapter.check(problems, "adapter.");
        if (problems.list().size() == sound) {
            checkPrecision(problems);
        }
        training.check(problems);
        Tasks.check(task, model, problems);
        int before = problems.list().size();
        Optimizers.check(optimizer, "optimizer", problems);
        if (adapter.hasPairs() && problems.list().size() == before) {
            checkGradients(problems);
        }
    }

    /** What writes to the base needs it in float32. */
    private void checkPrecision(Problems problems) {
        if (precision == Precision.float32) {
            return;
        }
        problems.require(
                !adapter.layer().equals(LoraConfig.FULL),
                "precision",
                "is "
                        + precision
                        + ", and layer full trains the base itself, in float32; leave precision out,"
                        + " or train adapters");
        problems.require(
                !adapter.hasPairs() || !adapter.start().correctsBase(),
                "precision",
                "is "
                        + precision
                        + ", and adapter.initialization "
                        + adapter.initialization()
                        + " writes what is left of the base back to it; leave precision out, or take"
                        + " a start that leaves the base as it is");
    }

    /** A rule's equations hold where the gradients of a pair are s Bᵀg and s g Aᵀ. */
    private void checkGradients(Problems problems) {
        try (var made = Optimizers.create(optimizer)) {
            if (made.needs().productGradients()) {
                adapter.kind()
                        .refusesGradientRules()
                        .ifPresent(
                                reason ->
                                        problems.require(
                                                false,
                                                "optimizer.name",
                                                "cannot train layer %s: %s"
                                                        .formatted(adapter.layer(), reason)));
            }
        } catch (IllegalArgumentException e) {
            problems.require(false, "optimizer.options:", e.getMessage());
        }
    }

    /** The same with every default written out, and with the code of what only a session knows. */
    RunConfig complete() {
        return new RunConfig(
                format,
                Tasks.complete(task),
                model,
                adapter.completed(),
                Optimizers.complete(optimizer),
                training,
                seed,
                phase,
                precision);
    }
}
