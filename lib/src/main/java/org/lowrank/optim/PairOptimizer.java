package org.lowrank.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Collectors;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.engine.Arrays;
import org.lowrank.engine.HostTrip;
import org.lowrank.linalg.DivergedException;
import org.lowrank.rule.Draws;
import org.lowrank.rule.Factors;

/**
 * What moves adapter pairs: a chain of stages, each of which turns directions into directions, and
 * then
 *
 * <pre>
 *   factor ← factor − rate · direction
 * </pre>
 *
 * in place, on the arrays of the stacks. It takes all pairs of a step together and finds what it
 * keeps by their paths, never by position. AdamW is {@code of(AdamMoments, Decay)}; LoRA-Pro puts
 * {@link FollowRule} in front. Every intermediate array ends with the step.
 */
public final class PairOptimizer implements AutoCloseable {

    private final List<OptimizerStage> stages;

    /** The stages at the end of the chain that treat every factor by itself. */
    private final InPlace lastStages;

    private final String description;
    private final OptimizerState state = new OptimizerState(this::keeps);
    private long steps;
    private long seed;

    private PairOptimizer(List<OptimizerStage> stages, String description) {
        this.stages = stages;
        this.description = description;
        var last = new ArrayList<FactorStage>();
        for (int i = stages.size(); i > 0 && stages.get(i - 1) instanceof FactorStage each; i--) {
            last.add(0, each);
        }
        lastStages = new InPlace(last);
        needs(1);
        needs(2); // an alternating order asks for something else there
    }

    /**
     * @throws IllegalArgumentException if the stages leave no factor to move
     */
    public static PairOptimizer of(OptimizerStage... stages) {
        var list = List.of(stages);
        return new PairOptimizer(
                list,
                list.stream()
                        .map(Object::toString)
                        .collect(Collectors.joining(", ", "PairOptimizer(", ")")));
    }

    /** The same chain by the name and the options that it was asked for by. */
    PairOptimizer describedAs(String name) {
        return new PairOptimizer(stages, name);
    }

    /** The seed of what a step draws; 0 if nobody says. The run keeps it, not this. */
    public void drawFrom(long seedOfRun) {
        seed = seedOfRun;
    }

    /** What the coming step asks for. */
    public Needs needs() {
        return needs(steps + 1);
    }

    private Needs needs(long step) {
        return stages.stream().map(stage -> stage.needs(step)).reduce(Needs.NONE, Needs::and);
    }

    private List<StateArray> keeps(PairStack stack) {
        var moving = needs(1).freezesA() ? Factors.B : Factors.BOTH;
        var arrays = new ArrayList<StateArray>();
        var names = new HashSet<String>();
        for (var stage : stages) {
            for (var array : stage.keeps(stack, moving)) {
                if (!names.add(array.name())) {
                    throw new IllegalArgumentException(
                            "two stages of %s keep an array by the name %s; rename that of one"
                                    .formatted(this, array.name()));
                }
                arrays.add(array);
            }
        }
        return arrays;
    }

    /**
     * One step. All pairs move or none does.
     *
     * @param stacks every pair of the model, grouped by shape; the same paths at every step
     * @param raw dL/dA and dL/dB of each stack at the present factors; not changed and not closed
     * @param learningRate the rate of this step, as the schedule gives it
     * @throws IllegalArgumentException if there is no pair
     * @throws DivergedException if a rule is not defined at these factors, or a gradient is not
     *     finite; the message names the pair, the factors stay as they were
     */
    public void step(List<PairStack> stacks, List<PairGradient> raw, double learningRate) {
        step(stacks, raw, learningRate, false);
    }

    /**
     * {@link #step} on gradients that were seen to be finite, as by a finite norm: they are not
     * looked at again, which on a GPU would wait for the device.
     */
    public void stepOnFinite(List<PairStack> stacks, List<PairGradient> raw, double learningRate) {
        step(stacks, raw, learningRate, true);
    }

    private void step(
            List<PairStack> stacks, List<PairGradient> raw, double learningRate, boolean finite) {
        var reads = needs().reads();
        requireUsable(stacks, raw, learningRate, reads);
        state.arrange(stacks);
        try (var scope = new NDScope();
                var step =
                        new OptimizerStep(
                                stacks, state, new Draws(seed, steps + 1), learningRate)) {
            scope.suppressNotUsedWarning();
            var directions = raw.stream().map(g -> read(g, reads)).toList();
            if (!finite && stages.stream().noneMatch(OptimizerStage::refusesNonFinite)) {
                requireFinite(stacks, directions);
            }
            for (var stage : stages.subList(0, stages.size() - lastStages.size())) {
                directions = stage.apply(step, directions);
            }
            move(step, directions);
            stages.forEach(stage -> stage.after(step));
        }
        steps++;
    }

    private void move(OptimizerStep step, List<PairGradient> directions) {
        var factors = new ArrayList<FactorStep>();
        var own = new ArrayList<NDArray>();
        for (int i = 0; i < directions.size(); i++) {
            if (directions.get(i).gradA() != null) {
                factors.add(step.ofA(i));
                own.add(directions.get(i).gradA());
            }
            if (directions.get(i).gradB() != null) {
                factors.add(step.ofB(i));
                own.add(directions.get(i).gradB());
            }
        }
        lastStages.move(factors, own);
    }

    /** Without the gradients that this step does not read, whatever they hold. */
    private static PairGradient read(PairGradient g, Factors reads) {
        return new PairGradient(
                reads.includeA() ? g.gradA() : null, reads.includeB() ? g.gradB() : null);
    }

    /** Bytes of the state that is kept between steps. */
    public long stateBytes() {
        return state.bytes();
    }

    /**
     * Writes everything that the next step depends on but the factors: a run that reads it goes on
     * bit-equal.
     */
    public void save(DataOutput out) throws IOException {
        StateFile.write(out, toString(), steps, state);
    }

    /** Reads what {@link #save} wrote, for the same pairs. */
    public void load(DataInput in, List<PairStack> stacks) throws IOException {
        requirePairs(stacks);
        steps = StateFile.read(in, toString(), state, stacks);
    }

    @Override
    public void close() {
        state.close();
    }

    /** Every hyper-parameter. */
    @Override
    public String toString() {
        return description;
    }

    /** Refuses NaN and infinities at the cost of one number a factor, in one transfer. */
    private static void requireFinite(List<PairStack> stacks, List<PairGradient> raw) {
        try (var trip = new HostTrip(stacks.get(0).loraA().getManager())) {
            var ofA = raw.stream().map(g -> sums(trip, g.gradA())).toList();
            var ofB = raw.stream().map(g -> sums(trip, g.gradB())).toList();
            trip.fetch();
            for (int i = 0; i < stacks.size(); i++) {
                requireFinite(stacks.get(i).paths(), ofA.get(i), "lora_A");
                requireFinite(stacks.get(i).paths(), ofB.get(i), "lora_B");
            }
        }
    }

    private static HostTrip.Small sums(HostTrip trip, NDArray gradient) {
        return gradient == null ? null : trip.down(Arrays.sums(gradient));
    }

    private static void requireFinite(List<String> paths, HostTrip.Small sums, String factor) {
        for (int layer = 0; sums != null && layer < paths.size(); layer++) {
            if (!Double.isFinite(sums.at(layer).get(0, 0))) {
                throw new DivergedException(
                        paths.get(layer)
                                + ": the gradient of "
                                + factor
                                + " is not finite. Look at the loss of this step, lower"
                                + " the learning rate, or clip");
            }
        }
    }

    private static void requireUsable(
            List<PairStack> stacks, List<PairGradient> raw, double learningRate, Factors reads) {
        requirePairs(stacks);
        requireRate(learningRate);
        if (raw.size() != stacks.size()) {
            throw new IllegalArgumentException(
                    "one gradient is needed for each of the %d stacks, but there are %d"
                            .formatted(stacks.size(), raw.size()));
        }
        for (int i = 0; i < stacks.size(); i++) {
            var stack = stacks.get(i);
            if (reads.includeA()) {
                requireGradient("lora_A", stack, stack.loraA(), raw.get(i).gradA());
            }
            if (reads.includeB()) {
                requireGradient("lora_B", stack, stack.loraB(), raw.get(i).gradB());
            }
        }
    }

    static void requireRate(double learningRate) {
        if (!(learningRate >= 0 && learningRate < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "learningRate must be finite and at least 0, but it is " + learningRate);
        }
    }

    private static void requirePairs(List<PairStack> stacks) {
        var seen = new HashSet<String>();
        for (var stack : stacks) {
            for (var path : stack.paths()) {
                if (!seen.add(path)) {
                    throw new IllegalArgumentException(
                            "the pair " + path + " is given twice; a step would move it twice");
                }
            }
        }
        if (seen.isEmpty()) {
            throw new IllegalArgumentException(
                    "there is no adapter pair to move; attach adapters before the optimizer steps");
        }
    }

    private static void requireGradient(
            String factor, PairStack stack, NDArray weight, NDArray gradient) {
        if (gradient == null || !gradient.getShape().equals(weight.getShape())) {
            throw new IllegalArgumentException(
                    "the gradient of "
                            + factor
                            + " of "
                            + stack.paths()
                            + " must have the shape "
                            + weight.getShape()
                            + " of the factor, but it is "
                            + (gradient == null ? "absent" : gradient.getShape()));
        }
    }
}
