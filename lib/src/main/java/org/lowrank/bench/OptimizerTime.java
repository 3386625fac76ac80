package org.lowrank.bench;

import ai.djl.ndarray.NDManager;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import org.lowrank.optim.Optimizers;

/**
 * What one step of an optimizer takes on random factors and gradients (float32) in the shapes of a
 * model. No model is run: the time is that of the optimizer alone.
 *
 * <p>It is processor time of one thread, which other work on the machine does not change much: what
 * a step would share out is done by that thread too. It is the whole work if PyTorch computes on
 * one thread ({@code ai.djl.pytorch.num_threads} is 1 before the engine starts) and on the CPU.
 *
 * @param method name in the registry of optimizers
 * @param seconds median over the steps that counted, each the mean of two: an alternating method
 *     moves A in one and B in the other
 * @param stateBytes what the optimizer says that it keeps
 */
public record OptimizerTime(String method, double seconds, long stateBytes) {

    private static final ThreadMXBean CLOCK = ManagementFactory.getThreadMXBean();

    /**
     * Measures; two steps before the first one that counts warm up.
     *
     * @param rounds how many rounds of two steps count
     * @throws IllegalArgumentException if the method is not in the registry
     */
    public static OptimizerTime measure(String method, ModelShape model, int rank, int rounds) {
        return TakingTurns.onOneThread(() -> onThisThread(method, model, rank, rounds));
    }

    private static OptimizerTime onThisThread(
            String method, ModelShape model, int rank, int rounds) {
        try (var manager = NDManager.newBaseManager();
                var optimizer = Optimizers.create(method)) {
            manager.getEngine().setRandomSeed(1);
            var pairs = RandomPairs.of(manager, model, rank);
            var times = new double[rounds];
            for (int i = -1; i < rounds; i++) {
                long start = CLOCK.getCurrentThreadCpuTime();
                optimizer.step(pairs.stacks(), pairs.raw(), 1e-6);
                optimizer.step(pairs.stacks(), pairs.raw(), 1e-6);
                if (i >= 0) {
                    times[i] = (CLOCK.getCurrentThreadCpuTime() - start) / 2e9;
                }
            }
            Arrays.sort(times);
            return new OptimizerTime(method, times[rounds / 2], optimizer.stateBytes());
        }
    }
}
