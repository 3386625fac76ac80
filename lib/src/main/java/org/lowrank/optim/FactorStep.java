package org.lowrank.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDScope;
import java.util.HashMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.LongStream;

/**
 * One step of one factor, or of another array that is trained, as a {@link FactorStage} sees it.
 */
public final class FactorStep {

    /** Entries that are moved at a time: 256 KiB of float32. */
    private static final long SLICE = 1 << 16;

    private final StepConstants constants;
    private final NDArray factor;
    private final long number;
    private final double learningRate;
    private final Function<String, NDArray> kept;

    /**
     * @param factor null where the direction is not that of a factor
     * @param number what bias correction counts, from 1
     */
    FactorStep(
            StepConstants constants,
            NDArray factor,
            long number,
            double learningRate,
            Function<String, NDArray> kept) {
        this.constants = constants;
        this.factor = factor;
        this.number = number;
        this.learningRate = learningRate;
        this.kept = kept;
    }

    /** The same step by another count. */
    FactorStep counted(long count) {
        return new FactorStep(constants, factor, count, learningRate, kept);
    }

    /** The factor as it stands before the step; not to be changed. */
    public NDArray factor() {
        return factor;
    }

    /** An array of {@link FactorStage#names}, to be changed in place. */
    public NDArray kept(String name) {
        return kept.apply(name);
    }

    /** The number of this step, from 1. */
    public long number() {
        return number;
    }

    public double learningRate() {
        return learningRate;
    }

    /**
     * A number as an array of the device, made once a step: an operation with a Java number costs
     * more than the operation itself where arrays are small.
     */
    public NDArray constant(double value) {
        return constants.of(value);
    }

    /**
     * The same step part by part, the same bits: on a CPU over views of some rows of the first axis
     * each, so few that all operations find them in the cache; over a whole embedding table each
     * would go through memory again. A GPU gains nothing by it and pays for each call, so there it
     * is the whole array.
     *
     * @param g in the shape of the factor
     */
    void inSlices(NDArray g, BiConsumer<FactorStep, NDArray> work) {
        var factors = slices(factor);
        if (factors.size() == 1) {
            apart(() -> work.accept(this, g));
            return;
        }
        var directions = slices(g);
        var arrays = new HashMap<String, NDList>();
        for (int i = 0; i < factors.size(); i++) {
            int part = i;
            Function<String, NDArray> own =
                    name -> arrays.computeIfAbsent(name, n -> slices(kept(n))).get(part);
            var slice = new FactorStep(constants, factors.get(i), number, learningRate, own);
            apart(() -> work.accept(slice, directions.get(part)));
        }
        factors.close();
        directions.close();
        arrays.values().forEach(NDList::close);
    }

    /** What it makes ends with it: in full fine-tuning the temporaries of all are too many. */
    private static void apart(Runnable work) {
        try (var scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            work.run();
        }
    }

    private static NDList slices(NDArray array) {
        long rows = array.getShape().dimension() == 0 ? 1 : array.getShape().get(0);
        long each = Math.max(1, SLICE * rows / Math.max(1, array.size()));
        if (each >= rows || array.getDevice().isGpu()) {
            return new NDList(array);
        }
        var starts = LongStream.iterate(each, at -> at < rows, at -> at + each).toArray();
        var views = array.split(starts);
        views.forEach(NDScope::unregister); // they outlive the scope of the part that asks first
        return views;
    }
}
