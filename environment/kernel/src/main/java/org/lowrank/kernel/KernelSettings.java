package org.lowrank.kernel;

import java.io.File;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What the {@code IJAVA_*} environment variables say, read as IJava reads them.
 *
 * @param classpath {@code IJAVA_CLASSPATH}: paths or globs, separated as a class path is
 * @param compilerOptions {@code IJAVA_COMPILER_OPTS}: options of javac, separated by spaces
 * @param startupScripts {@code IJAVA_STARTUP_SCRIPTS_PATH}: scripts or globs to run first
 * @param startupScript {@code IJAVA_STARTUP_SCRIPT}: Java code to run after those
 * @param statementTimeout {@code IJAVA_TIMEOUT}: longest run of one top-level statement; zero means
 *     no limit
 */
record KernelSettings(
        List<String> classpath,
        List<String> compilerOptions,
        List<String> startupScripts,
        String startupScript,
        Duration statementTimeout) {

    static KernelSettings of(Map<String, String> environment) {
        return new KernelSettings(
                split(environment.get("IJAVA_CLASSPATH"), File.pathSeparator),
                split(environment.get("IJAVA_COMPILER_OPTS"), "\\s+"),
                split(environment.get("IJAVA_STARTUP_SCRIPTS_PATH"), File.pathSeparator),
                environment.getOrDefault("IJAVA_STARTUP_SCRIPT", ""),
                duration(environment.getOrDefault("IJAVA_TIMEOUT", "")));
    }

    private static List<String> split(String value, String separator) {
        return value == null
                ? List.of()
                : Stream.of(value.split(separator))
                        .map(String::strip)
                        .filter(s -> !s.isEmpty())
                        .toList();
    }

    /** A number of milliseconds, or a number and a {@link TimeUnit}; below 1 there is no limit. */
    private static Duration duration(String value) {
        if (value.isBlank()) {
            return Duration.ZERO;
        }
        String[] words = value.strip().split("\\s+");
        try {
            TimeUnit unit =
                    words.length == 1
                            ? TimeUnit.MILLISECONDS
                            : TimeUnit.valueOf(words[1].toUpperCase(Locale.ROOT));
            return Duration.ofMillis(Math.max(0, unit.toMillis(Long.parseLong(words[0]))));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "IJAVA_TIMEOUT is \""
                            + value
                            + "\"; expected milliseconds or a number and a unit, as in \"30 SECONDS\"",
                    e);
        }
    }
}
