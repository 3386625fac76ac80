package org.lowrank.text.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lowrank.text.jinja.Arguments.Function;
import org.lowrank.text.jinja.Values.Tuple;
import org.lowrank.text.jinja.Values.Undefined;

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
        var rounds = rounds(scope);
        if (rounds.isEmpty()) {
            return empty.run(scope, out);
        }
        var loop = new LinkedHashMap<Object, Object>(Map.of("depth", 1L, "depth0", 0L));
        loop.put("length", (long) rounds.size());
        loop.put("changed", changed());
        loop.put("cycle", cycle(loop));
        for (int i = 0; i < rounds.size(); i++) {
            scope.run.step();
            place(loop, rounds, i);
            scope.run.looksAt(rounds.get(i).item);
            rounds.get(i).scope.set("loop", loop);
            if (body.run(rounds.get(i).scope, out) == End.BREAK) {
                break;
            }
        }
        return End.WHOLE;
    }

    private record Round(Object item, Scope scope) {}

    /** The items that meet the condition, with the names that they are given. */
    private List<Round> rounds(Scope scope) {
        try {
            var rounds = new ArrayList<Round>();
            for (var item : Values.items(source.value(scope))) {
                var round = new Round(item, new Scope(scope));
                round.scope.set(names, item);
                if (condition == null || condition.truth(round.scope)) {
                    rounds.add(round);
                }
            }
            return rounds;
        } catch (TemplateException e) {
            throw e.placed(template, line);
        }
    }

    private static void place(Map<Object, Object> loop, List<Round> rounds, int i) {
        int size = rounds.size();
        boolean last = i == size - 1;
        loop.put("index", i + 1L);
        loop.put("index0", (long) i);
        loop.put("revindex", (long) size - i);
        loop.put("revindex0", (long) size - i - 1);
        loop.put("first", i == 0);
        loop.put("last", last);
        loop.put("previtem", i == 0 ? none("previous") : rounds.get(i - 1).item);
        loop.put("nextitem", last ? none("next") : rounds.get(i + 1).item);
    }

    private static Object none(String which) {
        return new Undefined("there is no " + which + " item");
    }

    private static Function cycle(Map<Object, Object> loop) {
        return a -> a.positional().get((int) ((long) loop.get("index0") % a.positional().size()));
    }

    private static Function changed() {
        var last = new ArrayList<Object>();
        return a -> {
            var now = new Tuple(a.positional().toArray());
            boolean changed = last.isEmpty() || !Values.equal(last.get(0), now);
            last.clear();
            last.add(now);
            return changed;
        };
    }
}
