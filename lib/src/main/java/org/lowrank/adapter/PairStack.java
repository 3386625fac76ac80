package org.lowrank.adapter;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.stream.IntStream;
import org.lowrank.linalg.DivergedException;

/**
 * Pairs of equal shape and scaling as one array a factor, so that an optimizer steps all of them
 * with one call an operation. The factors of each layer are views that share storage with these
 * arrays.
 *
 * @param paths the module path of each pair, in the order of the first axis
 * @param loraA (layers, r, in)
 * @param loraB (layers, out, r)
 * @param scaling s, the same for all pairs of the stack
 */
public record PairStack(List<String> paths, NDArray loraA, NDArray loraB, double scaling) {

    /** Between 36 pairs of rank 8, a third slower in parallel on two threads, and rank 16. */
    private static final double WORTH_WAKING = 1 << 16;

    public PairStack {
        paths = List.copyOf(paths);
        var a = loraA.getShape();
        var b = loraB.getShape();
        if (a.dimension() != 3
                || b.dimension() != 3
                || a.get(0) != paths.size()
                || b.get(0) != paths.size()
                || a.get(1) != b.get(2)) {
            throw new IllegalArgumentException(
                    ("a stack of %s pairs needs lora_A (layers, r, in) and lora_B (layers,"
                                    + " out, r), not %s and %s")
                            .formatted(paths.size(), a, b));
        }
    }

    public int size() {
        return paths.size();
    }

    public long rank() {
        return loraA.getShape().get(1);
    }

    /** Columns of the adapted weight, n. */
    public long in() {
        return loraA.getShape().get(2);
    }

    /** Rows of the adapted weight, m. */
    public long out() {
        return loraB.getShape().get(1);
    }

    /** Work on one pair, by the index of its stack and its own in it. */
    @FunctionalInterface
    public interface PairWork {
        void accept(int stack, int layer);
    }

    /**
     * Does something of the order of r³ for every pair, in parallel where that is worth waking
     * threads for; what a pair gets does not depend on the threads.
     *
     * @throws ArithmeticException what the work throws of the first pair by index that is refused,
     *     its path in front; a {@link DivergedException} stays one
     */
    public static void forEachPair(List<PairStack> stacks, PairWork work) {
        double cubes = stacks.stream().mapToDouble(s -> s.size() * Math.pow(s.rank(), 3)).sum();
        forEachPair(stacks, cubes >= WORTH_WAKING, work);
    }

    /** The same, one pair after the other where there is too little work to wake threads for. */
    public static void forEachPair(List<PairStack> stacks, boolean inParallel, PairWork work) {
        int pairs = stacks.stream().mapToInt(PairStack::size).sum();
        var refused = new ArithmeticException[pairs];
        var all = IntStream.range(0, pairs);
        (inParallel ? all.parallel() : all)
                .forEach(
                        index -> {
                            int stack = 0;
                            int layer = index;
                            for (; layer >= stacks.get(stack).size(); stack++) {
                                layer -= stacks.get(stack).size();
                            }
                            try {
                                work.accept(stack, layer);
                            } catch (ArithmeticException e) {
                                var path = stacks.get(stack).paths().get(layer);
                                refused[index] = DivergedException.at(path, e);
                            }
                        });
        for (var refusal : refused) {
            if (refusal != null) {
                throw refusal;
            }
        }
    }
}
