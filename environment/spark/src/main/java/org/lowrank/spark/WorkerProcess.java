package org.lowrank.spark;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.spark.TaskContext;
import org.lowrank.engine.Devices;

/**
 * A run as a process of the library's own, as the local engine does it: what kills it does not kill
 * the executor, and its class path holds nothing of Spark.
 *
 * @param javaOptions of its Java
 * @param environment beside the executor's
 * @param dataRoot the driver's data folder: that of an executor's machine which names no other, if
 *     no data is shipped
 * @param shipment the library and the data
 * @param main the class that is started
 * @param checkpointEvery as ISO 8601
 */
record WorkerProcess(
        List<String> javaOptions,
        Map<String, String> environment,
        String dataRoot,
        Shipment shipment,
        String main,
        String checkpointEvery)
        implements Workload {

    private static final String DATA = "LOWRANK_DATA";
    private static final long TICK_MILLIS = 200;
    private static final int TICKS_A_SYNC = 10;
    private static final long SECONDS_TO_STOP = 120;

    WorkerProcess {
        javaOptions = List.copyOf(javaOptions);
        environment = new HashMap<>(environment);
    }

    @Override
    public int run(String hash, Path runs, Meanwhile meanwhile)
            throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(javaOptions);
        gpu().ifPresent(number -> command.add("-D" + Devices.PROPERTY + "=gpu:" + number));
        command.addAll(List.of("-cp", shipment.classPath(), main, hash, runs.toString()));
        command.add(checkpointEvery);
        command.add(Long.toString(ProcessHandle.current().pid())); // it ends with this executor
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        builder.environment().putIfAbsent(DATA, dataRoot);
        shipment.dataRoot().ifPresent(root -> builder.environment().put(DATA, root));
        builder.redirectOutput(runs.resolve(hash).resolve("log.txt").toFile());
        var process = builder.start();
        try {
            for (int tick = 1; !process.waitFor(TICK_MILLIS, TimeUnit.MILLISECONDS); tick++) {
                if (tick % TICKS_A_SYNC == 0) {
                    sync(meanwhile);
                }
            }
            return process.exitValue();
        } finally {
            stop(process);
        }
    }

    /** The one that Spark has given this task ({@code spark.task.resource.gpu.amount}). */
    private static Optional<String> gpu() {
        var task = TaskContext.get();
        var gpus = task == null ? null : task.resourcesJMap().get("gpu");
        return gpus == null || gpus.addresses().length == 0
                ? Optional.empty()
                : Optional.of(gpus.addresses()[0]);
    }

    /** A file that is replaced while it is copied is there at the next look. */
    private static void sync(Meanwhile meanwhile) throws IOException {
        try {
            meanwhile.now();
        } catch (NoSuchFileException e) {
            // the worker has just removed an old checkpoint
        }
    }

    private static void stop(Process process) {
        if (!process.isAlive()) {
            return;
        }
        process.destroy(); // it leaves a checkpoint
        boolean interrupted = Thread.interrupted();
        try {
            if (!process.waitFor(SECONDS_TO_STOP, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            interrupted = true;
            process.destroyForcibly();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
