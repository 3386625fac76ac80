package org.lowrank.text.jinja;

import java.util.LinkedHashMap;
import java.util.Map;
import org.lowrank.text.jinja.Arguments.Function;
import org.lowrank.text.jinja.Statement.End;
import org.lowrank.text.jinja.Values.Undefined;

/** Macros: texts with parameters that are written where they are called. */
final class Macros {

    private final Tokens tokens;
    private final Expressions expressions;
    private final Statements statements;

    Macros(Tokens tokens, Expressions expressions, Statements statements) {
        this.tokens = tokens;
        this.expressions = expressions;
        this.statements = statements;
    }

    Statement macro() {
        var name = tokens.name();
        var parameters = parameters();
        var body = statements.ended("macro");
        return (scope, out) -> {
            scope.set(name, function(name, scope, parameters, body));
            return End.WHOLE;
        };
    }

    Statement call() {
        var parameters = tokens.nowIs("(") ? parameters() : Map.<String, Expression>of();
        var call = expressions.any();
        var body = statements.ended("call");
        return (scope, out) -> {
            scope.run.caller = function("caller", scope, parameters, body);
            scope.run.write(out, PythonText.str(call.value(new Scope(scope))));
            scope.run.caller = null;
            return End.WHOLE;
        };
    }

    /** Names with their defaults. */
    private Map<String, Expression> parameters() {
        var parameters = new LinkedHashMap<String, Expression>();
        tokens.need("(");
        tokens.list(
                ")",
                () -> {
                    var name = tokens.name();
                    var missing = new Undefined("parameter '" + name + "' was not provided");
                    parameters.put(name, tokens.skip("=") ? expressions.any() : scope -> missing);
                });
        return parameters;
    }

    private static Function function(
            String name, Scope outer, Map<String, Expression> parameters, Statement body) {
        return given -> {
            var scope = new Scope(outer);
            var caller = outer.run.caller;
            outer.run.caller = null;
            scope.set("caller", caller == null ? new Undefined("'caller' is undefined") : caller);
            int place = 0;
            for (var parameter : parameters.entrySet()) {
                var key = parameter.getKey();
                boolean has = given.has(place, key);
                scope.set(
                        key, has ? given.get(place, key, null) : parameter.getValue().value(scope));
                place++;
            }
            if (given.positional().size() > place) {
                throw TemplateException.of(
                        "macro '%s' takes not more than %s argument(s)".formatted(name, place));
            }
            for (var key : given.named().keySet()) {
                if (!parameters.containsKey(key)) {
                    throw TemplateException.of(
                            "macro '%s' takes no keyword argument '%s'".formatted(name, key));
                }
            }
            var out = new StringBuilder();
            body.run(scope, out);
            return out.toString();
        };
    }
}
