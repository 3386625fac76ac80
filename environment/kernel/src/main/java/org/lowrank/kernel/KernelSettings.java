package org.lowrank.kernel;

import java.io.File;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * What the {@code IJAVA_*} environment variables say, read as IJava reads them; where one is not
 * set, JJava's {@code JJAVA_*} of the same name.
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
        UnaryOperator<String> value =
                name ->
                        environment.getOrDefault(
                                "IJAVA_" + name, environment.getOrDefault("JJAVA_" + name, ""));
        return new KernelSettings(
                split(value.apply("CLASSPATH"), File.pathSeparator),
                split(value.apply("COMPILER_OPTS"), "\\s+"),
                split(value.apply("STARTUP_SCRIPTS_PATH"), File.pathSeparator),
                value.apply("STARTUP_SCRIPT"),
                duration(value.apply("TIMEOUT")));
    }

    private static List<String> split(String value, String separator) {
        return Stream.of(value.split(separator))
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
