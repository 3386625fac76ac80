package org.lowrank.spark;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaSparkContext;
import org.lowrank.data.source.DataRoot;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.run.ClassPath;
import org.lowrank.experiment.run.EngineOptions;
import org.lowrank.experiment.run.EngineStatus;
import org.lowrank.experiment.run.Planner;
import org.lowrank.experiment.run.RunEngine;
import org.lowrank.experiment.run.WorkerMain;

/**
 * An engine that sends the runs of a table to a Spark cluster, one task a run; a notebook's {@code
 * Experiments.run} and the command's {@code --spark} take it in place of the local one. Plan,
 * resume, status and table are the same.
 *
 * <p>Retries, blacklisting, speculation and resources such as GPUs are Spark's own settings. Two
 * settings are this engine's: {@code lowrank.shared}, the folder that all executors see (the folder
 * of the runs if not given), and {@code lowrank.ship}, what is shipped to them (the word {@code
 * library}, and files or folders of the data folder, apart by commas).
 */
public final class SparkRunner implements RunEngine {

    private static final String SHARED = "lowrank.shared";
    private static final String SHIP = "lowrank.ship";
    private static final int CONNECT_MILLIS = 5000;
    private static final int DEFAULT_TRIES = 4;

    private final String master;
    private final EngineOptions options;
    private final Map<String, String> settings;
    private final Workload workload;
    private volatile boolean stopping;

    private SparkRunner(
            String master, EngineOptions options, Map<String, String> settings, Workload workload) {
        if (!master.matches("(local(\\[.*])?|local-cluster\\[.*]|spark://.+|yarn|k8s://.+)")) {
            throw new IllegalArgumentException(
                    "--spark "
                            + master
                            + " names no master: spark://HOST:PORT, yarn, k8s://URL or local[N] is"
                            + " expected");
        }
        this.master = master;
        this.options = options;
        this.settings = Map.copyOf(settings);
        this.workload = workload;
    }

    /**
     * With one thread a run.
     *
     * @param master {@code spark://HOST:PORT}, {@code yarn}, {@code k8s://URL}, {@code local[N]}
     */
    public static SparkRunner at(String master) {
        return at(master, EngineOptions.standard().withThreads(1), Map.of());
    }

    /**
     * @param settings Spark's by their names, and those of this engine
     */
    public static SparkRunner at(
            String master, EngineOptions options, Map<String, String> settings) {
        return new SparkRunner(master, options, settings, null);
    }

    /** Another workload in place of the run itself, to measure what the engine takes. */
    static SparkRunner withWorkload(
            String master, EngineOptions options, Map<String, String> settings, Workload work) {
        return new SparkRunner(master, options, settings, work);
    }

    @Override
    public void stop() {
        stopping = true;
    }

    boolean isStopping() {
        return stopping;
    }

    EngineOptions options() {
        return options;
    }

    @Override
    public EngineStatus run(Planner plan, RunFolder folder, Consumer<EngineStatus> told)
            throws IOException, InterruptedException {
        folder.requireWholeArchives();
        requireMaster();
        var shared = new SharedRuns(shared(folder), ofHadoop());
        shared.make();
        try (var lease = DriverLease.take(shared);
                var context = connect(plan.grid().experiment().name())) {
            var task = new RunTask(shared, workload(shared), tries(context.getConf()));
            return new TableOnSpark(this, plan, folder, task, context, lease, told).run();
        }
    }

    private URI shared(RunFolder folder) {
        var given = settings.get(SHARED);
        return given == null ? folder.root().toUri() : URI.create(given);
    }

    private Workload workload(SharedRuns shared) throws IOException {
        if (workload != null) {
            return workload;
        }
        var ship = List.of(settings.getOrDefault(SHIP, "").split(","));
        var names = ship.stream().map(String::strip).filter(n -> !n.isEmpty()).toList();
        var data = DataRoot.ofThisMachine().folder();
        var shipment =
                Shipment.of(
                        shared,
                        ClassPath.ofLibrary(),
                        names.contains("library"),
                        data,
                        names.stream().filter(name -> !name.equals("library")).toList());
        return new WorkerProcess(
                WorkerMain.javaOptions(options),
                WorkerMain.environment(options),
                data.toString(),
                shipment,
                WorkerMain.class.getName(),
                options.checkpointEvery().toString());
    }

    private static int tries(SparkConf conf) {
        return conf.get("spark.master", "").startsWith("local")
                ? 1
                : conf.getInt("spark.task.maxFailures", DEFAULT_TRIES);
    }

    /** What Spark hands on to Hadoop, for example the keys of s3a. */
    private Map<String, String> ofHadoop() {
        var given = new HashMap<String, String>();
        for (var setting : asked(new SparkConf()).getAllWithPrefix("spark.hadoop.")) {
            given.put(setting._1(), setting._2());
        }
        return given;
    }

    private SparkConf asked(SparkConf conf) {
        settings.forEach(
                (key, value) -> {
                    if (!key.startsWith("lowrank.")) {
                        conf.set(key, value);
                    }
                });
        return conf;
    }

    private JavaSparkContext connect(String table) throws IOException {
        var conf = new SparkConf();
        var defaults = new LinkedHashMap<String, String>();
        defaults.put("spark.task.cpus", Integer.toString(options.threads()));
        defaults.put("spark.ui.showConsoleProgress", "false");
        // a copy that lost, and a run that is stopped, end at once and not with their executor
        defaults.put("spark.job.interruptOnCancel", "true");
        defaults.forEach(conf::setIfMissing);
        asked(conf).setMaster(master).setAppName("lowrank " + table);
        var jar = JavaSparkContext.jarOfClass(SparkRunner.class);
        if (jar.length > 0) {
            conf.setJars(jar);
        }
        try {
            return new JavaSparkContext(conf);
        } catch (RuntimeException e) {
            throw new IOException("no Spark application at " + master + ": " + e.getMessage(), e);
        } catch (Exception e) { // Scala declares nothing
            if (e instanceof SparkException) {
                throw new IOException(
                        "no Spark application at " + master + ": " + e.getMessage(), e);
            }
            throw new IllegalStateException(e);
        }
    }

    /** Spark itself tries for a minute and then says that the context is stopped. */
    private void requireMaster() throws IOException {
        if (!master.startsWith("spark://")) {
            return;
        }
        var refusals = new LinkedHashMap<String, String>();
        for (var place : master.substring("spark://".length()).split(",")) {
            var parts = place.split(":");
            if (parts.length != 2 || !parts[1].matches("\\d{1,5}")) {
                throw new IllegalArgumentException(
                        "--spark " + master + ": spark://HOST:PORT is expected");
            }
            try (var socket = new Socket()) {
                var address = new InetSocketAddress(parts[0], Integer.parseInt(parts[1]));
                socket.connect(address, CONNECT_MILLIS);
                return;
            } catch (IOException | IllegalArgumentException e) {
                refusals.put(place, String.valueOf(e.getMessage()));
            }
        }
        throw new IOException(
                "no Spark master answers at "
                        + master
                        + " "
                        + refusals
                        + ": start one (sbin/start-master.sh of Spark prints its address), or see"
                        + " the address on its web page");
    }
}
