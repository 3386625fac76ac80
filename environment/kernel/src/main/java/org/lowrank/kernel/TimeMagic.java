package org.lowrank.kernel;

import com.sun.management.OperatingSystemMXBean;
import io.github.spencerpark.jupyter.kernel.magic.registry.CellMagicFunction;
import io.github.spencerpark.jupyter.kernel.magic.registry.LineMagicFunction;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;

/**
 * {@code %time CODE} and {@code %%time}: runs Java, shows the value that it ends with and says how
 * long it took, on the clock and in the processors.
 */
final class TimeMagic implements LineMagicFunction<Void>, CellMagicFunction<Void> {

    private final JavaKernel kernel;

    TimeMagic(JavaKernel kernel) {
        this.kernel = kernel;
    }

    @Override
    public Void execute(List<String> line) throws Exception {
        if (line.isEmpty()) {
            throw new IllegalArgumentException("%time takes Java in its line; %%time a whole cell");
        }
        return time(String.join(" ", line));
    }

    @Override
    public Void execute(List<String> line, String body) throws Exception {
        return time(String.join(" ", line) + "\n" + body);
    }

    private Void time(String code) throws Exception {
        long processor = processorNanos();
        long start = System.nanoTime();
        try {
            Object value = kernel.evaluateHere(code).object();
            if (value != null) {
                kernel.show(kernel.render(value));
            }
        } finally {
            double wall = (System.nanoTime() - start) / 1e9;
            double busy = (processorNanos() - processor) / 1e9;
            System.out.println(
                    String.format(
                            Locale.ROOT, "time %.3f s, of the processors %.3f s", wall, busy));
        }
        return null;
    }

    private static long processorNanos() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean os
                ? os.getProcessCpuTime()
                : 0;
    }
}
