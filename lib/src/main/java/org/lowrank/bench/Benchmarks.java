package org.lowrank.bench;

import java.nio.file.Path;

/** What the {@code main} methods of the benchmarks have in common. */
final class Benchmarks {

    private static final String THREADS = "ai.djl.pytorch.num_threads";

    private Benchmarks() {}

    /**
     * The folder to write to, the only argument.
     *
     * @throws IllegalArgumentException if it is not given, or not alone
     */
    static Path folder(String[] args) {
        if (args.length != 1) {
            throw new IllegalArgumentException(
                    "a benchmark is given one argument, the folder that its tables are written to,"
                            + " not "
                            + args.length);
        }
        return Path.of(args[0]);
    }

    /** PyTorch on one thread, if the engine has not started and nobody said otherwise. */
    static void useOneThread() {
        if (System.getProperty(THREADS) == null) {
            System.setProperty(THREADS, "1");
        }
    }

    /** Java version, kind of processor and number of threads, for the head of a table. */
    static String machine() {
        return "Java "
                + System.getProperty("java.version")
                + ", "
                + System.getProperty("os.arch")
                + ", threads: "
                + threads();
    }

    /** Threads of PyTorch in this process. */
    static int threads() {
        return Integer.getInteger(THREADS, Runtime.getRuntime().availableProcessors());
    }
}
