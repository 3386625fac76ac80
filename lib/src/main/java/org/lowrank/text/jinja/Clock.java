package org.lowrank.text.jinja;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;

/** Python's strftime in English. */
final class Clock {

    private static final Map<Character, String> PATTERNS =
            Map.ofEntries(
                    Map.entry('Y', "uuuu"),
                    Map.entry('y', "uu"),
                    Map.entry('m', "MM"),
                    Map.entry('d', "dd"),
                    Map.entry('H', "HH"),
                    Map.entry('I', "hh"),
                    Map.entry('M', "mm"),
                    Map.entry('S', "ss"),
                    Map.entry('f', "SSSSSS"),
                    Map.entry('p', "a"),
                    Map.entry('j', "DDD"),
                    Map.entry('a', "EEE"),
                    Map.entry('A', "EEEE"),
                    Map.entry('b', "MMM"),
                    Map.entry('B', "MMMM"),
                    Map.entry('F', "uuuu-MM-dd"),
                    Map.entry('T', "HH:mm:ss"),
                    Map.entry('D', "MM/dd/uu"),
                    Map.entry('R', "HH:mm"));

    private Clock() {}

    static String format(LocalDateTime now, String format) {
        var out = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                out.append(c);
                continue;
            }
            boolean bare = format.charAt(i + 1) == '-' && i + 2 < format.length();
            i += bare ? 2 : 1;
            char kind = format.charAt(i);
            if (kind == '%') {
                out.append('%');
            } else if (PATTERNS.containsKey(kind)) {
                var text = now.format(DateTimeFormatter.ofPattern(PATTERNS.get(kind), Locale.US));
                out.append(bare ? text.replaceFirst("^0+(?=.)", "") : text);
            } else {
                throw TemplateException.of("%" + kind + " of strftime_now is not built");
            }
        }
        return out.toString();
    }
}
