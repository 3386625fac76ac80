package org.lowrank.text.jinja;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.lowrank.text.jinja.Values.Undefined;

/** Names and their values; what is set inside a loop or a macro stays inside. */
final class Scope {

    private final Scope outer;
    private final Map<String, Object> names = new HashMap<>();
    final Run run;

    Scope(Run run) {
        this.run = run;
        this.outer = null;
    }

    Scope(Scope outer) {
        this.run = outer.run;
        this.outer = outer;
    }

    void set(String name, Object value) {
        names.put(name, value);
    }

    /** One name takes the value, several take its items. */
    void set(List<String> several, Object value) {
        if (several.size() == 1) {
            set(several.get(0), value);
            return;
        }
        var parts = Values.items(value);
        if (parts.size() != several.size()) {
            throw TemplateException.of(
                    "%s values for the %s names %s"
                            .formatted(parts.size(), several.size(), several));
        }
        for (int i = 0; i < parts.size(); i++) {
            set(several.get(i), parts.get(i));
        }
    }

    Object get(String name) {
        for (var scope = this; scope != null; scope = scope.outer) {
            if (scope.names.containsKey(name)) {
                return scope.names.get(name);
            }
        }
        return new Undefined("'" + name + "' is undefined");
    }
}
