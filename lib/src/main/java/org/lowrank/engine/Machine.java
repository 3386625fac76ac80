package org.lowrank.engine;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** What this process runs on. */
public final class Machine {

    private static final String IDENTITY = hostName() + namespace();

    private Machine() {}

    /** Host name and, on Linux, the process namespace: where a process id means something. */
    public static String identity() {
        return IDENTITY;
    }

    /** Threads of the engine's linear algebra: what was asked for, else one a processor. */
    public static int threads() {
        return Integer.getInteger(
                "ai.djl.pytorch.num_threads", Runtime.getRuntime().availableProcessors());
    }

    /**
     * For records: operating system, processor, memory, JDK, threads; and how the C library's
     * allocator was set, if it was.
     */
    public static Map<String, Object> describe() {
        var facts = new LinkedHashMap<String, Object>();
        facts.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        facts.put("arch", System.getProperty("os.arch"));
        facts.put("cpu", processor());
        facts.put("cpus", Runtime.getRuntime().availableProcessors());
        facts.put("memory", line("/proc/meminfo", "MemTotal"));
        facts.put("threads", threads());
        facts.put("jdk", System.getProperty("java.vendor") + " " + Runtime.version());
        var allocator = System.getenv().getOrDefault("GLIBC_TUNABLES", "");
        if (!allocator.isEmpty()) {
            facts.put("allocator", allocator);
        }
        return facts;
    }

    /**
     * The highest resident memory of this process in bytes, Java and native together; -1 where the
     * system does not tell.
     */
    public static long peakMemory() {
        var kilobytes = line("/proc/self/status", "VmHWM").replaceAll("\\D", "");
        return kilobytes.isEmpty() ? -1 : Long.parseLong(kilobytes) * 1024;
    }

    /** True for a process that has ended and that nobody has waited for. */
    public static boolean isZombie(long pid) {
        try {
            var stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            // pid (name) state ...; the name may hold anything
            return stat.charAt(stat.lastIndexOf(')') + 2) == 'Z';
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * With its generation: the name may hold for several, and the engine takes other instructions
     * on each, so that the last bit of a sum differs.
     */
    private static String processor() {
        var file = "/proc/cpuinfo";
        return String.format(
                "%s (family %s, model %s, stepping %s)",
                line(file, "model name"),
                line(file, "cpu family"),
                line(file, "model"),
                line(file, "stepping"));
    }

    private static String line(String file, String key) {
        try (var lines = Files.lines(Path.of(file))) {
            return lines.map(line -> line.split(":", 2))
                    .filter(parts -> parts.length == 2 && parts[0].strip().equals(key))
                    .map(parts -> parts[1].strip())
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return System.getenv().getOrDefault("HOSTNAME", "unknown");
        }
    }

    private static String namespace() {
        try {
            return " " + Files.readSymbolicLink(Path.of("/proc/self/ns/pid"));
        } catch (IOException | UnsupportedOperationException e) {
            return "";
        }
    }
}
