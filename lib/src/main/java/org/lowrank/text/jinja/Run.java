package org.lowrank.text.jinja;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** One rendering: its bounds, the message that was last looked at, and what the model wrote. */
final class Run {

    /** Far more than any talk needs. */
    private static final int MOST_STEPS = 2_000_000;

    private static final int MOST_TEXT = 1 << 25;
    private static final int DEEPEST = 100;

    private final Map<Object, Integer> messages = new IdentityHashMap<>();
    private final List<Integer> spans = new ArrayList<>();
    private final StringBuilder main;

    /** The body of a {@code {% call %}} on its way to the macro that is called. */
    Arguments.Function caller;

    private int steps;
    private int depth;
    private int message = -1;

    Run(Object messages, StringBuilder main) {
        this.main = main;
        if (messages instanceof List<?> list) {
            list.forEach(item -> this.messages.put(item, this.messages.size()));
        }
    }

    void step() {
        if (++steps > MOST_STEPS) {
            throw TemplateException.of(
                    "more than " + MOST_STEPS + " steps: it does not seem to end");
        }
    }

    void enter() {
        step();
        if (++depth > DEEPEST) {
            throw TemplateException.of("calls are nested more than " + DEEPEST + " deep");
        }
    }

    void leave() {
        depth--;
    }

    void write(StringBuilder out, String text) {
        if (out.length() + (long) text.length() > MOST_TEXT) {
            throw TemplateException.of("more than " + MOST_TEXT + " characters are written");
        }
        out.append(text);
    }

    String joined(String a, String b) {
        var out = new StringBuilder(a);
        write(out, b);
        return out.toString();
    }

    static void requireShort(long length) {
        if (length > MOST_TEXT) {
            throw TemplateException.of("a text or list of " + length + " parts");
        }
    }

    /** Remembers which message a template looks at, for its refusals. */
    void looksAt(Object value) {
        var number = messages.get(value);
        message = number == null ? message : number;
    }

    /** For example {@code " (message 2 of 3)"}. */
    String place() {
        return message < 0 ? "" : " (message " + (message + 1) + " of " + messages.size() + ")";
    }

    /** The model's own text goes from one length of the output to another. */
    void generated(StringBuilder out, int from) {
        if (out == main && out.length() > from) {
            spans.add(from);
            spans.add(out.length());
        }
    }

    int[] spans() {
        return spans.stream().mapToInt(Integer::intValue).toArray();
    }
}
