package org.lowrank.diagnostics;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.adapter.kind.Lora;
import org.lowrank.engine.Arrays;
import org.lowrank.rule.Factors;
import org.lowrank.rule.GradientRule;
import org.lowrank.train.StepReport;
import org.lowrank.train.TrainingListener;
import org.lowrank.train.TrainingResult;

/**
 * Watches the equivalent gradient while a run trains: every k steps the frozen weights of chosen
 * layers are differentiated too, which gives the true full gradient g, and the {@link GradientGap}
 * of each is kept.
 *
 * <p>Steps between samples cost nothing. A sampled step pays for one more product (out, in) a
 * chosen weight in the backward pass and for some thin products in float64: about twice the time of
 * a step if every linear map of a small encoder is chosen, less for fewer. The run itself is not
 * changed, bit for bit.
 *
 * <p>g is the gradient before clipping. With an alternating order an even k would always meet the
 * same half-step: take an odd one.
 */
public final class GradientMonitor implements TrainingListener {

    private final AdapterSet adapters;
    private final GradientRule rule;
    private final int every;
    private final List<String> paths;
    private final List<Sample> samples = new ArrayList<>();
    private Consumer<List<Sample>> watcher = all -> {};
    private final Map<String, Look> looks = new LinkedHashMap<>();

    /** The gap of one weight at one step. */
    public record Sample(long step, String path, GradientGap gap) {}

    /** A weight between the backward pass and the move. */
    private record Look(WeightGradient gradient, GradientGap gap) {}

    /**
     * @param adapters of the run, of the kind {@link LayerKind#LORA}: only there is the gradient of
     *     the frozen weight that of W
     * @param rule of the run's optimizer, before its moments
     * @param every steps from one sample to the next; the first step is sampled
     * @param paths of the weights to sample
     * @throws IllegalArgumentException if a path carries no adapter, none is given, {@code every}
     *     is not positive or the kind is another
     */
    public GradientMonitor(
            AdapterSet adapters, GradientRule rule, int every, Collection<String> paths) {
        if (!(adapters.kind() instanceof Lora)) {
            throw new IllegalArgumentException(
                    "the monitor reads dL/dW from the frozen weight, which is right for LORA alone,"
                            + " not for "
                            + adapters.kind());
        }
        if (every < 1 || paths.isEmpty()) {
            throw new IllegalArgumentException(
                    "a monitor samples at least one weight every 1 or more steps, not "
                            + paths.size()
                            + " every "
                            + every);
        }
        for (var path : paths) {
            if (!adapters.adapters().containsKey(path)) {
                throw new IllegalArgumentException(
                        path + " carries no adapter; there are " + adapters.adapters().keySet());
            }
            if (adapters.model().linears().get(path).weight().isFixed()) {
                throw new IllegalArgumentException(
                        path
                                + " is held in few bits and collects no gradient of its own, which"
                                + " the monitor reads: open the model in precision float32");
            }
        }
        this.adapters = adapters;
        this.rule = rule;
        this.every = every;
        this.paths = List.copyOf(paths);
    }

    /** Calls {@code watcher} with all samples after each sampled step, for a chart that grows. */
    public GradientMonitor watchedBy(Consumer<List<Sample>> newWatcher) {
        watcher = newWatcher;
        return this;
    }

    /** What was seen so far, in the order of the steps. */
    public List<Sample> samples() {
        return Collections.unmodifiableList(samples);
    }

    /** True if the monitor looks at this step. */
    public boolean samplesStep(long step) {
        return (step - 1) % every == 0;
    }

    @Override
    public void beforeStep(long step) {
        if (samplesStep(step)) {
            paths.forEach(path -> weight(path).setRequiresGradient(true));
        }
    }

    @Override
    public void afterBackward(long step, List<PairStack> stacks, List<PairGradient> raw) {
        if (!samplesStep(step)) {
            return;
        }
        var moving = moving(stacks, raw);
        for (var path : paths) {
            var weight = weight(path);
            var pair = adapters.adapters().get(path).pair();
            try (var g = weight.getGradient()) {
                var seen = new WeightGradient(pair, g);
                looks.put(path, new Look(seen, seen.gap(rule, moving.get(path))));
            }
            Arrays.zeroGradient(weight);
            weight.setRequiresGradient(false);
        }
    }

    @Override
    public void afterStep(StepReport report) {
        if (looks.isEmpty()) {
            return;
        }
        looks.forEach(
                (path, look) -> {
                    var after = adapters.adapters().get(path).pair();
                    var gap = look.gap().withMove(look.gradient().move(after));
                    samples.add(new Sample(report.step(), path, gap));
                });
        release();
        watcher.accept(samples());
    }

    @Override
    public void ended(TrainingResult result) {
        paths.forEach(path -> weight(path).setRequiresGradient(false));
        release();
    }

    private void release() {
        looks.values().forEach(look -> look.gradient().close());
        looks.clear();
    }

    private NDArray weight(String path) {
        return adapters.model().linears().get(path).weight().stored();
    }

    /** Which factors this step moves, by path: those whose gradient was asked for. */
    private static Map<String, Factors> moving(List<PairStack> stacks, List<PairGradient> raw) {
        var moving = new LinkedHashMap<String, Factors>();
        for (int i = 0; i < stacks.size(); i++) {
            var gradient = raw.get(i);
            var factors =
                    gradient.gradA() == null
                            ? Factors.B
                            : gradient.gradB() == null ? Factors.A : Factors.BOTH;
            stacks.get(i).paths().forEach(path -> moving.put(path, factors));
        }
        return moving;
    }
}
