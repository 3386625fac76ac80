package org.lowrank.text.jinja;

import java.util.LinkedHashMap;
import java.util.Map;
import org.lowrank.text.jinja.Arguments.Function;
import org.lowrank.text.jinja.Statement.End;

/** Macros: texts with parameters that are written where they are called. */
final class Macros {

    private final Tokens tokens;
    private final Expressions expressions;
    private final Body bodies;

    /**
     * @param body reads the body of a tag up to its end
     */
    Macros(Tokens tokens, Expressions expressions, Body body) {
        this.tokens = tokens;
        this.expressions = expressions;
        this.bodies = body;
    }

    /** What stands between a tag of a name and its end. */
    @FunctionalInterface
    interface Body {
        Statement upTo(String name);
    }

    Statement macro() {
        var name = tokens.name();
        var macro = parameters();
        var body = bodies.upTo("macro");
        return (scope, out) -> {
            scope.set(name, function(name, scope, macro, body));
            return End.WHOLE;
        };
    }

    Statement call() {
        var parameters = tokens.nowIs("(") ? parameters() : new LinkedHashMap<String, Expression>();
        var call = expressions.any();
        var body = bodies.upTo("call");
        return (scope, out) -> {
            var inner = new Scope(scope);
            scope.run.caller = function("caller", scope, parameters, body);
            scope.run.write(out, PythonText.str(call.value(inner)));
            scope.run.caller = null;
            return End.WHOLE;
        };
    }

    /** Names with their defaults; null where there is none. */
    private Map<String, Expression> parameters() {
        var parameters = new LinkedHashMap<String, Expression>();
        tokens.need("(");
        while (!tokens.skip(")")) {
            var name = tokens.name();
            parameters.put(name, tokens.skip("=") ? expressions.any() : null);
            if (!tokens.nowIs(")")) {
                tokens.need(",");
            }
        }
        return parameters;
    }

    private Function function(
            String name, Scope outer, Map<String, Expression> parameters, Statement body) {
        return arguments -> {
            var scope = new Scope(outer);
            var caller = outer.run.caller;
            outer.run.caller = null;
            scope.set("caller", caller == null ? new Undefined("'caller' is undefined") : caller);
            int place = 0;
            for (var parameter : parameters.entrySet()) {
                var unset = parameter.getValue();
                var key = parameter.getKey();
                boolean given =
                        place < arguments.positional().size() || arguments.named().containsKey(key);
                scope.set(
                        key,
                        given
                                ? arguments.get(place, key, null)
                                : unset == null
                                        ? new Undefined("parameter '" + key + "' was not provided")
                                        : unset.value(scope));
                place++;
            }
            if (arguments.positional().size() > place) {
                throw TemplateException.of(
                        "macro '" + name + "' takes not more than " + place + " argument(s)");
            }
            for (var key : arguments.named().keySet()) {
                if (!parameters.containsKey(key)) {
                    throw TemplateException.of(
                            "macro '" + name + "' takes no keyword argument '" + key + "'");
                }
            }
            var out = new StringBuilder();
            body.run(scope, out);
            return out.toString();
        };
    }
}
