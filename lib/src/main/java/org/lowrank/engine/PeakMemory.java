package org.lowrank.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The highest resident memory of this process, Java and native together. */
public final class PeakMemory {

    private static final Path STATUS = Path.of("/proc/self/status");

    private PeakMemory() {}

    /** Bytes, or -1 where the system does not tell. */
    public static long bytes() {
        try {
            for (var line : Files.readAllLines(STATUS)) {
                if (line.startsWith("VmHWM:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
                }
            }
            return -1;
        } catch (IOException e) {
            return -1;
        }
    }
}
