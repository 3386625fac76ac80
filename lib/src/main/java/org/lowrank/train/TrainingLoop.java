package org.lowrank.train;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.StepHook;
import org.lowrank.engine.CancelledException;
import org.lowrank.linalg.DivergedException;
import org.lowrank.optim.PairOptimizer;

/**
 * Trains the pairs of an adapter set by a {@link PairOptimizer} and everything else that is trained
 * by AdamW. A step: the losses of the accumulated batches, backward, clipping of the raw gradients
 * by their global norm, the optimizers, gradients to zero.
 *
 * <p>The loop ends after its last step, on an interrupt of its thread (what was done is kept), or
 * when a loss or gradient is no longer finite or the method has no step at its factors (a singular
 * matrix without damping). Any other error is thrown. Every step seeds the engine's random source
 * from the run's seed and its own number, and names its batches by number, so that a step depends
 * on nothing but the arrays and its number.
 */
public final class TrainingLoop {

    private static final int SHOWN = 3;

    private final Trained trained;
    private final Objective objective;
    private final Evaluator evaluator;
    private final TrainingConfig config;
    private final long seed;
    private final StepPlan plan;
    private final long warmupSteps;
    private final List<TrainingListener> listeners;
    private final NDManager manager;
    private final RunState state = new RunState();

    /**
     * @param trained what moves, and by what
     * @param evaluator measures the model at the end, and every {@code config.evaluateEvery()}
     *     steps
     * @param seed of dropout, of what a rule draws, and of what else is random in a step; the order
     *     of the batches is the objective's
     * @throws IllegalArgumentException if the configuration cannot be run on these batches
     */
    public TrainingLoop(
            Trained trained,
            Objective objective,
            Evaluator evaluator,
            TrainingConfig config,
            long seed,
            List<TrainingListener> listeners) {
        config.requireUsable();
        this.trained = trained;
        this.objective = objective;
        this.evaluator = evaluator;
        this.config = config;
        this.seed = seed;
        this.listeners = List.copyOf(listeners);
        if (trained.pairOptimizer() != null) {
            trained.pairOptimizer().drawFrom(seed);
        }
        manager = trained.manager();
        plan = StepPlan.of(config, objective.batchesPerEpoch());
        warmupSteps = Math.round(config.warmupRatio() * plan.steps());
    }

    /** What was done so far; a checkpoint writes and restores it. */
    public RunState state() {
        return state;
    }

    /** Runs from the present state to the end. */
    public TrainingResult run() {
        listeners.forEach(l -> l.started(config, state.stepsDone() + 1));
        var status = TrainingResult.Status.FINISHED;
        String message = null;
        String where = null;
        var check =
                state.stepsDone() == 0 && trained.adapters() != null
                        ? trained.firstStepCheck()
                        : null;
        try {
            where = "evaluation after step " + state.stepsDone();
            if (state.owesEvaluation() && isEvaluated(state.stepsDone())) {
                evaluate(state.stepsDone());
            }
            for (long step = state.stepsDone() + 1; step <= plan.steps(); step++) {
                if (Thread.interrupted()) {
                    status = TrainingResult.Status.CANCELLED;
                    message = "interrupted before step " + step;
                    break;
                }
                where = "step " + step;
                var movesB =
                        trained.adapters() == null
                                || trained.pairOptimizer().needs().reads().includeB();
                state.add(step(step));
                if (check != null) {
                    check.verify(movesB);
                    check = null;
                }
                var report = state.lastStep();
                listeners.forEach(l -> l.afterStep(report));
                if (isEvaluated(step)) {
                    where = "evaluation after step " + step;
                    evaluate(step);
                }
            }
        } catch (CancelledException e) {
            status = TrainingResult.Status.CANCELLED;
            message = where + ": " + e.getMessage();
        } catch (DivergedException e) {
            status = TrainingResult.Status.DIVERGED;
            message = where + ": " + e.getMessage();
        } finally {
            trained.recordNothing();
        }
        var result = state.result(status, message, plan, trained);
        listeners.forEach(l -> l.ended(result));
        return result;
    }

    private boolean isEvaluated(long step) {
        return step == plan.steps()
                || config.evaluateEvery() > 0 && step % config.evaluateEvery() == 0;
    }

    private void evaluate(long step) {
        trained.recordNothing();
        var metrics = new LinkedHashMap<>(evaluator.evaluate());
        state.add(new TrainingResult.Evaluation(step, metrics));
        listeners.forEach(l -> l.evaluated(step, metrics));
    }

    private StepReport step(long step) {
        var start = System.nanoTime();
        listeners.forEach(l -> l.beforeStep(step));
        trained.recordStep();
        Engine.getInstance().setRandomSeed(Long.hashCode(seed * 1_000_003L + step));
        double factor = config.shape().factor(step, plan.steps(), warmupSteps);
        Batch batch;
        GradientNorm read;
        try (var scratch = manager.newSubManager()) {
            batch = backward(scratch, step);
            trained.stepHook().ifPresent(hook -> backwardPenalty(hook, step));
            var raw = trained.pairGradients(scratch);
            var others = trained.otherGradients(scratch);
            listeners.forEach(l -> l.afterBackward(step, trained.stacks(), raw));
            read = GradientNorm.clip(all(raw, others), batch.losses(), config.maxGradNorm());
            requireFinite(step, read, batch.rows());
            trained.move(
                    raw,
                    others,
                    factor * config.learningRate(),
                    factor * config.headLearningRate());
            trained.stepHook().ifPresent(hook -> hook.afterStep(step));
        } finally {
            trained.zeroGradients();
        }
        return new StepReport(
                step,
                plan.steps(),
                read.loss(),
                factor * config.learningRate(),
                read.norm(),
                batch.rows(),
                batch.tokens(),
                (System.nanoTime() - start) / 1e9);
    }

    private void requireFinite(long step, GradientNorm read, long rows) {
        if (!Double.isFinite(read.loss()) || !Double.isFinite(read.norm())) {
            var examples = Double.isFinite(read.loss()) ? "" : notFinite(step, rows);
            throw new DivergedException(
                    "loss "
                            + read.loss()
                            + ", gradient norm "
                            + read.norm()
                            + ": not finite"
                            + examples);
        }
    }

    /** Losses that are on the device still; they are read once a step, with the norm. */
    private record Batch(NDList losses, long rows, long tokens) {}

    private Batch backward(NDManager owner, long step) {
        var batches = plan.batches(step);
        double size = 0;
        for (int i = 0; i < batches.count(); i++) {
            size += objective.size(batches.epoch(), batches.first() + i);
        }
        var losses = new NDList();
        long rows = 0;
        long tokens = 0;
        for (int i = 0; i < batches.count(); i++) {
            int index = batches.first() + i;
            double share = objective.size(batches.epoch(), index) / size;
            try (var scratch = manager.newSubManager()) {
                var batch = objective.backward(scratch, batches.epoch(), index, share);
                var value = batch.loss().stopGradient();
                value.attach(owner);
                losses.add(value);
                rows += batch.rows();
                tokens += batch.tokens();
            }
        }
        return new Batch(losses, rows, tokens);
    }

    /** Whether the loss is lost at every example of a step, or at one and which. */
    private String notFinite(long step, long rows) {
        var batches = plan.batches(step);
        var examples = new ArrayList<String>();
        for (int i = 0; i < batches.count(); i++) {
            try (var scratch = manager.newSubManager()) {
                examples.addAll(objective.notFinite(scratch, batches.epoch(), batches.first() + i));
            }
        }
        if (examples.isEmpty()) {
            return "";
        }
        int shown = Math.min(SHOWN, examples.size());
        return examples.size() == rows
                ? ", at each of the " + rows + " examples of the step"
                : ", at "
                        + String.join(", ", examples.subList(0, shown))
                        + (examples.size() > shown
                                ? " and " + (examples.size() - shown) + " more"
                                : "")
                        + "; at no other of its "
                        + rows
                        + " examples";
    }

    /** Once a step, whatever the number of accumulated batches. */
    private void backwardPenalty(StepHook hook, long step) {
        try (var scratch = manager.newSubManager();
                var collector = Engine.getInstance().newGradientCollector()) {
            collector.backward(hook.penalty(scratch));
        }
        hook.afterBackward(step);
    }

    private static List<NDArray> all(List<PairGradient> raw, Map<String, NDArray> others) {
        var all = new ArrayList<NDArray>();
        for (var gradient : raw) {
            Stream.of(gradient.gradA(), gradient.gradB())
                    .filter(Objects::nonNull)
                    .forEach(all::add);
        }
        all.addAll(others.values());
        return all;
    }
}
