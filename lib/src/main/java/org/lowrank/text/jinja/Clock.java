package org.lowrank.text.jinja;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Python's strftime in English. */
final class Clock {

    private static final Pattern FIELD = Pattern.compile("%(-?)(.)", Pattern.DOTALL);

    private Clock() {}

    static String format(LocalDateTime now, String format) {
        return FIELD.matcher(format)
                .replaceAll(
                        field -> {
                            var text =
                                    DateTimeFormatter.ofPattern(pattern(field.group(2)), Locale.US)
                                            .format(now);
                            boolean bare = !field.group(1).isEmpty();
                            return Matcher.quoteReplacement(
                                    bare ? text.replaceFirst("^0+(?=.)", "") : text);
                        });
    }

    private static String pattern(String kind) {
        return switch (kind) {
            case "%" -> "'%'";
            case "Y" -> "uuuu";
            case "y" -> "uu";
            case "m" -> "MM";
            case "d" -> "dd";
            case "H" -> "HH";
            case "I" -> "hh";
            case "M" -> "mm";
            case "S" -> "ss";
            case "f" -> "SSSSSS";
            case "p" -> "a";
            case "j" -> "DDD";
            case "a" -> "EEE";
            case "A" -> "EEEE";
            case "b" -> "MMM";
            case "B" -> "MMMM";
            case "F" -> "uuuu-MM-dd";
            case "T" -> "HH:mm:ss";
            case "D" -> "MM/dd/uu";
            case "R" -> "HH:mm";
            default -> throw TemplateException.of("%" + kind + " of strftime_now is not built");
        };
    }
}
