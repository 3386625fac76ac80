package org.lowrank.text.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lowrank.text.jinja.Arguments.Function;

/** {@code {% for names in items if condition %}}: each round has names of its own. */
record Loop(
        String template,
        int line,
        List<String> names,
        Expression source,
        Expression condition,
        Statement body,
        Statement empty)
        implements Statement {

    @Override
    public End run(Scope scope, StringBuilder out) {
        var items = items(scope);
        if (items.isEmpty()) {
            return empty.run(scope, out);
        }
        var loop = new LinkedHashMap<Object, Object>();
        loop.put("changed", changed());
        loop.put(
                "cycle",
                (Function)
                        a ->
                                a.positional()
                                        .get(
                                                (int)
                                                        ((long) loop.get("index0")
                                                                % a.positional().size())));
        loop.put("length", (long) items.size());
        loop.put("depth", 1L);
        loop.put("depth0", 0L);
        for (int i = 0; i < items.size(); i++) {
            scope.run.step();
            place(loop, items, i);
            var round = new Scope(scope);
            scope.run.looksAt(items.get(i));
            assign(round, items.get(i));
            round.set("loop", loop);
            if (body.run(round, out) == End.BREAK) {
                break;
            }
        }
        return End.WHOLE;
    }

    private List<Object> items(Scope scope) {
        try {
            var items = Values.items(source.value(scope));
            if (condition != null) {
                items.removeIf(
                        item -> {
                            var inner = new Scope(scope);
                            unpack(inner, names, item);
                            return !condition.truth(inner);
                        });
            }
            return items;
        } catch (TemplateException e) {
            throw e.placed(template, line);
        }
    }

    private void assign(Scope round, Object item) {
        try {
            unpack(round, names, item);
        } catch (TemplateException e) {
            throw e.placed(template, line);
        }
    }

    static void unpack(Scope scope, List<String> names, Object value) {
        if (names.size() == 1) {
            scope.set(names.get(0), value);
            return;
        }
        var parts = Values.items(value);
        if (parts.size() != names.size()) {
            throw TemplateException.of(
                    parts.size() + " values for the " + names.size() + " names " + names);
        }
        for (int i = 0; i < names.size(); i++) {
            scope.set(names.get(i), parts.get(i));
        }
    }

    private static void place(Map<Object, Object> loop, List<Object> items, int i) {
        int size = items.size();
        loop.put("index", i + 1L);
        loop.put("index0", (long) i);
        loop.put("revindex", (long) size - i);
        loop.put("revindex0", (long) size - i - 1);
        loop.put("first", i == 0);
        loop.put("last", i == size - 1);
        loop.put(
                "previtem", i == 0 ? new Undefined("there is no previous item") : items.get(i - 1));
        loop.put(
                "nextitem",
                i == size - 1 ? new Undefined("there is no next item") : items.get(i + 1));
    }

    private static Function changed() {
        var last = new ArrayList<Object>();
        return a -> {
            boolean changed =
                    last.isEmpty() || !Values.equal(last.get(0), new Tuple(a.positional()));
            last.clear();
            last.add(new Tuple(a.positional()));
            return changed;
        };
    }
}
