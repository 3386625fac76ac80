package org.lowrank.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ForkJoinPool;

/**
 * Times competitors in turns: after a warm-up of each, every round runs all of them once, in
 * batches long enough for the clock, so that a change of the machine's speed meets all alike.
 */
final class TakingTurns {

    private static final ThreadMXBean CLOCK = ManagementFactory.getThreadMXBean();
    private static final long WARM_UP_NANOS = 300_000_000;
    private static final long BATCH_NANOS = 4_000_000;

    private TakingTurns() {}

    /** Microseconds of one run of each competitor in each round: [competitor][round]. */
    static double[][] microseconds(List<Runnable> competitors, int rounds) {
        return onOneThread(() -> onThisThread(competitors, rounds));
    }

    /** Work in a pool of one thread, where what runs in parallel elsewhere runs on it too. */
    static <T> T onOneThread(Callable<T> work) {
        var pool = new ForkJoinPool(1);
        // a pool's own thread sees no library of a notebook, and with it no engine
        var loader = Thread.currentThread().getContextClassLoader();
        Callable<T> seeing =
                () -> {
                    Thread.currentThread().setContextClassLoader(loader);
                    return work.call();
                };
        try {
            return pool.submit(seeing).join();
        } finally {
            pool.shutdown();
        }
    }

    private static double[][] onThisThread(List<Runnable> competitors, int rounds) {
        var batches = new int[competitors.size()];
        for (int i = 0; i < batches.length; i++) {
            double nanos = warmUp(competitors.get(i));
            batches[i] = (int) Math.max(1, Math.ceil(BATCH_NANOS / nanos));
        }
        var times = new double[batches.length][rounds];
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < batches.length; i++) {
                times[i][round] = 1e-3 * nanos(competitors.get(i), batches[i]);
            }
        }
        return times;
    }

    /** Runs until it has had its share of processor time; the nanoseconds of a late run. */
    private static double warmUp(Runnable competitor) {
        long start = CLOCK.getCurrentThreadCpuTime();
        double last;
        do {
            last = nanos(competitor, 1);
        } while (CLOCK.getCurrentThreadCpuTime() - start < WARM_UP_NANOS);
        return Math.max(1, last);
    }

    private static double nanos(Runnable competitor, int times) {
        long start = CLOCK.getCurrentThreadCpuTime();
        for (int i = 0; i < times; i++) {
            competitor.run();
        }
        return (double) (CLOCK.getCurrentThreadCpuTime() - start) / times;
    }

    /** NaN of none. */
    static double median(List<Double> values) {
        return values.isEmpty() ? Double.NaN : median(array(values));
    }

    static double[] array(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    static double median(double[] values) {
        var sorted = values.clone();
        Arrays.sort(sorted);
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : 0.5 * (sorted[half - 1] + sorted[half]);
    }

    /** The median over the rounds of one competitor's time over another's. */
    static double ratio(double[] times, double[] base) {
        var ratios = new double[times.length];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = times[i] / base[i];
        }
        return median(ratios);
    }
}
