package org.lowrank.cli;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import picocli.CommandLine.TypeConversionException;

/** Times as people type them. */
final class Durations {

    private Durations() {}

    /**
     * {@code 90m}, {@code 1h30m}, {@code 45s}, or ISO 8601 ({@code PT1H30M}).
     *
     * @throws TypeConversionException if it is none of these
     */
    static Duration parse(String text) {
        var iso = text.toUpperCase(Locale.ROOT);
        try {
            return Duration.parse(iso.startsWith("P") ? iso : "PT" + iso);
        } catch (DateTimeParseException e) {
            throw new TypeConversionException(
                    "\"" + text + "\" is not a duration; for example 45s, 90m, 1h30m");
        }
    }
}
