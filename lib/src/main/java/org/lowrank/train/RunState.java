package org.lowrank.train;

import ai.djl.ndarray.NDArray;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import org.lowrank.engine.Arrays;
import org.lowrank.engine.Machine;

/**
 * What a run has done: the reports of its steps and its evaluations. Together with the trained
 * arrays and the optimizers it is all that the rest of the run depends on.
 */
public final class RunState {

    private final List<StepReport> steps = new ArrayList<>();
    private final List<TrainingResult.Evaluation> evaluations = new ArrayList<>();

    void add(StepReport report) {
        steps.add(report);
    }

    void add(TrainingResult.Evaluation evaluation) {
        evaluations.add(evaluation);
    }

    public long stepsDone() {
        return steps.size();
    }

    public List<StepReport> steps() {
        return Collections.unmodifiableList(steps);
    }

    public List<TrainingResult.Evaluation> evaluations() {
        return Collections.unmodifiableList(evaluations);
    }

    /**
     * True if no evaluation was finished since the last step: none was due, or it was cut short.
     */
    boolean owesEvaluation() {
        return !steps.isEmpty()
                && (evaluations.isEmpty()
                        || evaluations.get(evaluations.size() - 1).step() < stepsDone());
    }

    StepReport lastStep() {
        return steps.get(steps.size() - 1);
    }

    TrainingResult result(
            TrainingResult.Status status, String message, StepPlan plan, Trained trained) {
        return new TrainingResult(
                status,
                message,
                plan,
                trained.optimizerDescription(),
                List.copyOf(steps),
                List.copyOf(evaluations),
                trained.parameterCount(),
                trained.optimizerStateBytes(),
                steps.stream().mapToDouble(StepReport::seconds).sum(),
                Machine.peakMemory());
    }

    /** Writes the whole run: history, trained arrays, optimizers. Bit-exact. */
    public void save(DataOutput out, Trained trained) throws IOException {
        out.writeInt(steps.size());
        for (var s : steps) {
            out.writeLong(s.totalSteps());
            out.writeDouble(s.loss());
            out.writeDouble(s.learningRate());
            out.writeDouble(s.gradientNorm());
            out.writeLong(s.examples());
            out.writeLong(s.tokens());
            out.writeDouble(s.seconds());
        }
        out.writeInt(evaluations.size());
        for (var evaluation : evaluations) {
            out.writeLong(evaluation.step());
            out.writeInt(evaluation.metrics().size());
            for (var metric : evaluation.metrics().entrySet()) {
                out.writeUTF(metric.getKey());
                out.writeDouble(metric.getValue());
            }
        }
        for (var stack : trained.stacks()) {
            write(out, stack.loraA());
            write(out, stack.loraB());
        }
        for (var other : trained.others().values()) {
            write(out, other);
        }
        if (trained.pairOptimizer() != null) {
            trained.pairOptimizer().save(out);
        }
        if (trained.otherOptimizer() != null) {
            trained.otherOptimizer().save(out);
        }
        if (trained.stepHook().isPresent()) {
            trained.stepHook().get().save(out);
        }
    }

    /** Reads what {@link #save} wrote into the same arrays and optimizers. */
    public void load(DataInput in, Trained trained) throws IOException {
        steps.clear();
        evaluations.clear();
        int count = in.readInt();
        for (int i = 0; i < count; i++) {
            steps.add(
                    new StepReport(
                            i + 1L,
                            in.readLong(),
                            in.readDouble(),
                            in.readDouble(),
                            in.readDouble(),
                            in.readLong(),
                            in.readLong(),
                            in.readDouble()));
        }
        int evaluated = in.readInt();
        for (int i = 0; i < evaluated; i++) {
            long step = in.readLong();
            var metrics = new LinkedHashMap<String, Double>();
            for (int left = in.readInt(); left > 0; left--) {
                metrics.put(in.readUTF(), in.readDouble());
            }
            evaluations.add(new TrainingResult.Evaluation(step, metrics));
        }
        for (var stack : trained.stacks()) {
            read(in, stack.loraA());
            read(in, stack.loraB());
        }
        for (var other : trained.others().values()) {
            read(in, other);
        }
        if (trained.pairOptimizer() != null) {
            trained.pairOptimizer().load(in, trained.stacks());
        }
        if (trained.otherOptimizer() != null) {
            trained.otherOptimizer().load(in, trained.others());
        }
        if (trained.stepHook().isPresent()) {
            trained.stepHook().get().load(in);
        }
    }

    private static void write(DataOutput out, NDArray array) throws IOException {
        var bytes = array.encode();
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static void read(DataInput in, NDArray array) throws IOException {
        var bytes = new byte[in.readInt()];
        in.readFully(bytes);
        try (var scratch = array.getManager().newSubManager()) {
            var values = NDArray.decode(scratch, bytes);
            if (!values.getShape().equals(array.getShape())) {
                throw new IOException(
                        ("the checkpoint holds an array of shape %s where this run has %s: it is"
                                        + " another run's")
                                .formatted(values.getShape(), array.getShape()));
            }
            Arrays.assign(array, values);
        }
    }
}
