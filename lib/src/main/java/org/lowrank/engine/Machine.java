package org.lowrank.engine;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** What this process runs on. */
public final class Machine {

    /** Of what {@link #stat} tells, counted from 0: the 22nd field of all. */
    private static final int START_FIELD = 19;

    private static final String IDENTITY = hostName() + namespace();

    private Machine() {}

    /**
     * Has this process read and write numbers and letters alike in every language: a point before
     * decimals, ASCII digits, I as the capital of i. Every entry calls it (commands, workers,
     * kernels): tables, charts and libraries below otherwise follow the machine's locale.
     */
    public static void writePlainNumbers() {
        Locale.setDefault(Locale.ROOT);
    }

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

    /**
     * Bytes of memory that there are for this process: the machine's, or what its container allows;
     * empty where the system does not tell.
     */
    public static OptionalLong memory() {
        var kilobytes = line("/proc/meminfo", "MemTotal").replaceAll("\\D", "");
        if (kilobytes.isEmpty()) {
            return OptionalLong.empty();
        }
        long all = Long.parseLong(kilobytes) * 1024;
        try {
            var limit = Files.readString(Path.of("/sys/fs/cgroup/memory.max")).strip();
            return OptionalLong.of(
                    limit.matches("\\d{1,18}") ? Math.min(all, Long.parseLong(limit)) : all);
        } catch (IOException e) {
            return OptionalLong.of(all);
        }
    }

    /** True for a process that has ended and that nobody has waited for. */
    public static boolean isZombie(long pid) {
        return stat(pid).filter(fields -> fields[0].equals("Z")).isPresent();
    }

    /**
     * When a process began, in ticks since the boot, which no clock that is set moves; empty where
     * the system does not tell, or the process has ended.
     */
    public static OptionalLong ticksAtStart(long pid) {
        return stat(pid).stream()
                .filter(fields -> fields.length > START_FIELD)
                .mapToLong(fields -> Long.parseLong(fields[START_FIELD]))
                .findFirst();
    }

    /** What Linux tells of a process behind its name, from the state on. */
    private static Optional<String[]> stat(long pid) {
        try {
            var stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            // pid (name) state ...; the name may hold anything
            return Optional.of(stat.substring(stat.lastIndexOf(')') + 2).split(" "));
        } catch (IOException e) {
            return Optional.empty();
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
