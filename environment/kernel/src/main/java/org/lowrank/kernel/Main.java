package org.lowrank.kernel;

import io.github.spencerpark.jupyter.channels.JupyterConnection;
import io.github.spencerpark.jupyter.kernel.KernelConnectionProperties;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Starts the kernel for the connection file that Jupyter wrote. */
public final class Main {

    /** Time for the reply to a shutdown request to leave. */
    private static final Duration TO_REPLY = Duration.ofSeconds(2);

    /** Time for a cell to end when the process is asked to; Jupyter kills it a little later. */
    private static final Duration TO_END = Duration.ofSeconds(4);

    private static volatile JavaKernel kernel;

    private Main() {}

    /**
     * @param args path of the connection file
     */
    public static void main(String[] args) throws Exception {
        if (args.length != 1) {
            System.err.println(
                    "The kernel is started by Jupyter with the path of a connection file; see kernel.json.");
            System.exit(2);
        }
        Locale.setDefault(Locale.ROOT); // a point before decimals, whatever the machine's language
        Logger.getLogger("").setLevel(Level.WARNING); // the channels log each of their stops
        endWithParent(System.getenv("JPY_PARENT_PID"));
        JupyterConnection connection =
                new JupyterConnection(
                        KernelConnectionProperties.parse(Files.readString(Path.of(args[0]))));
        kernel = start();
        kernel.beforeShutdown(Main::endSoon);
        Runtime.getRuntime().addShutdownHook(new Thread(Main::stopCells, "stop cells"));
        kernel.becomeHandlerForConnection(connection);
        connection.connect();
        kernel.warmUpAssistance();
        connection.waitUntilClose();
        System.exit(0); // threads of a notebook may still run
    }

    private static void stopCells() {
        JavaKernel started = kernel;
        if (started != null) {
            started.stopCells(TO_END);
        }
    }

    /**
     * Ends the process shortly after a client asked for it, whatever the channels wait for: a busy
     * cell may not heed its interrupt, and the channel that runs it would keep the process.
     */
    private static void endSoon() {
        Thread end =
                new Thread(
                        () -> {
                            try {
                                Thread.sleep(TO_REPLY.toMillis());
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                            end(0);
                        },
                        "end");
        end.setDaemon(true);
        end.start();
    }

    private static void end(int status) {
        stopCells();
        Runtime.getRuntime().halt(status);
    }

    private static JavaKernel start() {
        try {
            return new JavaKernel(KernelSettings.of(System.getenv()));
        } catch (IllegalArgumentException | IllegalStateException e) {
            System.err.println("The kernel cannot start. " + e.getMessage());
            System.exit(1);
            throw e;
        }
    }

    /**
     * A client that is killed cannot ask its kernel to end; Jupyter tells the kernel who its client
     * is.
     */
    private static void endWithParent(String pid) {
        if (pid != null && pid.matches("\\d+")) {
            ProcessHandle.of(Long.parseLong(pid))
                    .ifPresentOrElse(p -> p.onExit().thenRun(() -> end(1)), () -> end(1));
        }
    }
}
