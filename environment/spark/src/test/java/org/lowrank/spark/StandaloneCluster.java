package org.lowrank.spark;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Spark's standalone master and workers of one core each, as processes on the loopback address,
 * from the class path of this test.
 */
final class StandaloneCluster implements AutoCloseable {

    /** What Spark reaches into on this Java. */
    private static final List<String> OPENS =
            Stream.of(
                            "java.lang",
                            "java.lang.invoke",
                            "java.lang.reflect",
                            "java.io",
                            "java.net",
                            "java.nio",
                            "java.util",
                            "java.util.concurrent",
                            "sun.nio.ch",
                            "sun.security.action")
                    .map(name -> "--add-opens=java.base/" + name + "=ALL-UNNAMED")
                    .toList();

    private final Path folder;
    private final int port;
    private final List<Process> workers = new ArrayList<>();
    private final Process master;

    StandaloneCluster(Path folder, int workerCount) throws IOException, InterruptedException {
        this.folder = folder;
        Files.createDirectories(folder.resolve("home/bin"));
        Files.createDirectories(folder.resolve("home/jars"));
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        master =
                start(
                        "master",
                        "org.apache.spark.deploy.master.Master",
                        "--host",
                        "127.0.0.1",
                        "--port",
                        Integer.toString(port),
                        "--webui-port",
                        "0");
        await("master", "Starting Spark master");
        for (int i = 0; i < workerCount; i++) {
            var name = "worker-" + i;
            workers.add(
                    start(
                            name,
                            "org.apache.spark.deploy.worker.Worker",
                            "--host",
                            "127.0.0.1",
                            "--cores",
                            "1",
                            "--memory",
                            "1g",
                            "--webui-port",
                            "0",
                            "--work-dir",
                            folder.resolve(name + "-dir").toString(),
                            address()));
        }
        for (int i = 0; i < workerCount; i++) {
            await("worker-" + i, "Successfully registered with master");
        }
    }

    String address() {
        return "spark://127.0.0.1:" + port;
    }

    /** What an application of this test is set to. */
    Map<String, String> settings() {
        var settings = new HashMap<String, String>();
        settings.put("spark.ui.enabled", "false");
        settings.put("spark.driver.host", "127.0.0.1");
        settings.put("spark.driver.bindAddress", "127.0.0.1");
        settings.put("spark.executor.extraClassPath", System.getProperty("java.class.path"));
        settings.put("spark.executor.memory", "512m");
        settings.put(
                "spark.executor.extraJavaOptions",
                "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
                        + " -Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
        settings.put("spark.network.timeout", "20s");
        settings.put("spark.network.timeoutInterval", "5s");
        settings.put("spark.executor.heartbeatInterval", "5s");
        return settings;
    }

    private Process start(String name, String main, String... arguments) throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=info");
        command.addAll(OPENS);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.redirectOutput(log(name).toFile());
        builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        builder.environment().put("SPARK_HOME", folder.resolve("home").toString());
        builder.environment().put("SPARK_SCALA_VERSION", "2.13");
        return builder.start();
    }

    private Path log(String name) {
        return folder.resolve(name + ".log");
    }

    private void await(String name, String words) throws IOException, InterruptedException {
        for (int i = 0; i < 1200; i++) {
            if (Files.exists(log(name)) && Files.readString(log(name)).contains(words)) {
                return;
            }
            Thread.sleep(50);
        }
        throw new IOException(name + " does not start: " + Files.readString(log(name)));
    }

    /** The processes that run tasks now: what the workers have started. */
    List<ProcessHandle> executors() {
        return workers.stream().flatMap(Process::children).toList();
    }

    Process worker(int index) {
        return workers.get(index);
    }

    @Override
    public void close() {
        var all = new ArrayList<ProcessHandle>();
        workers.forEach(worker -> worker.descendants().forEach(all::add));
        workers.forEach(worker -> all.add(worker.toHandle()));
        all.add(master.toHandle());
        all.forEach(ProcessHandle::destroyForcibly);
    }
}
