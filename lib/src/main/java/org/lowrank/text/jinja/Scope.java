package org.lowrank.text.jinja;

import java.util.HashMap;
import java.util.Map;

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

    Object get(String name) {
        for (var scope = this; scope != null; scope = scope.outer) {
            if (scope.names.containsKey(name)) {
                return scope.names.get(name);
            }
        }
        return new Undefined("'" + name + "' is undefined");
    }
}
