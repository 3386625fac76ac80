package org.lowrank.text.jinja;

import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lowrank.text.jinja.Arguments.Function;
import org.lowrank.text.jinja.Values.Namespace;

/**
 * One chat template, read once and rendered any number of times.
 *
 * <p>Beside what it is given it knows {@code range}, {@code dict}, {@code namespace}, {@code
 * raise_exception} and {@code strftime_now}.
 */
public final class JinjaTemplate {

    private static final int LONGEST_RANGE = 100_000;

    private final String name;
    private final Statement body;

    private JinjaTemplate(String name, Statement body) {
        this.name = name;
        this.body = body;
    }

    /**
     * A rendered text.
     *
     * @param spans what the model itself wrote ({@code {% generation %}}): beginnings and ends in
     *     Java characters, by turns
     */
    public record Rendered(String text, int[] spans) {}

    /**
     * Reads a template.
     *
     * @param name what refusals call it
     * @throws TemplateException if it is not Jinja, or has a tag that is not built
     */
    public static JinjaTemplate read(String name, String source) {
        return new JinjaTemplate(
                name, new Statements(new Tokens(name, Lexer.read(name, source))).all());
    }

    /**
     * Renders it.
     *
     * @param values numbers, texts, truth values, lists and maps of them
     * @param now for {@code strftime_now}
     * @throws TemplateException with the template's own sentence, or the line that failed
     */
    public Rendered render(Map<String, ?> values, LocalDateTime now) {
        var out = new StringBuilder();
        var given = new LinkedHashMap<String, Object>();
        values.forEach((key, value) -> given.put(key, Values.of(value)));
        var run = new Run(given.get("messages"), out);
        var scope = new Scope(run);
        globals(run, now).forEach(scope::set);
        given.forEach(scope::set);
        try {
            body.run(new Scope(scope), out);
        } catch (TemplateException e) {
            throw e.placed(name, 1);
        } catch (StackOverflowError e) {
            throw TemplateException.at(name, 1, "it is nested too deep");
        }
        return new Rendered(out.toString(), run.spans());
    }

    private static Map<String, Function> globals(Run run, LocalDateTime now) {
        return Map.of(
                "range", JinjaTemplate::range,
                "dict", a -> new LinkedHashMap<Object, Object>(a.named()),
                "namespace", JinjaTemplate::namespace,
                "strftime_now", a -> Clock.format(now, a.text(0, "format")),
                "raise_exception",
                        a -> {
                            throw TemplateException.raised(a.text(0, "message") + run.place());
                        });
    }

    private static Namespace namespace(Arguments a) {
        var space = new Namespace();
        if (a.get(0, "", null) instanceof Map<?, ?> start) {
            space.putAll(start);
        }
        space.putAll(a.named());
        return space;
    }

    private static Object range(Arguments a) {
        boolean one = a.positional().size() < 2;
        long from = one ? 0 : Values.whole(a.need(0, "start"));
        long to = Values.whole(a.need(one ? 0 : 1, "stop"));
        long step = a.positional().size() > 2 ? Values.whole(a.need(2, "step")) : 1;
        if (step == 0) {
            throw TemplateException.of("range() with a step of 0");
        }
        var list = new ArrayList<Object>();
        for (long i = from; step > 0 ? i < to : i > to; i += step) {
            if (list.size() >= LONGEST_RANGE) {
                throw TemplateException.of("a range of more than " + LONGEST_RANGE);
            }
            list.add(i);
        }
        return List.copyOf(list);
    }
}
