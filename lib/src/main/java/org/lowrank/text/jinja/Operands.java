package org.lowrank.text.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lowrank.text.jinja.Lexer.Kind;
import org.lowrank.text.jinja.Values.Tuple;

/** What operators stand between: values, what stands behind them, filters and tests. */
final class Operands {

    private static final Set<String> NO_ARGUMENT =
            Set.of("else", "or", "and", "is", "if", "in", "not");

    private final Tokens tokens;
    private final Expressions expressions;

    Operands(Tokens tokens, Expressions expressions) {
        this.tokens = tokens;
        this.expressions = expressions;
    }

    /** What is given in the brackets of a call. */
    @FunctionalInterface
    interface Given {
        Arguments in(Scope scope);
    }

    /** One filter or several: from a value to a value. */
    @FunctionalInterface
    interface Filter {
        Object of(Scope scope, Object value);

        default Filter then(Filter next) {
            return (scope, value) -> next.of(scope, of(scope, value));
        }
    }

    Expression primary() {
        var token = tokens.take();
        switch (token.kind()) {
            case NAME:
                return named(token.text());
            case STRING:
                var text = new StringBuilder(PythonText.meant(token.text()));
                while (tokens.now().kind() == Kind.STRING) {
                    text.append(PythonText.meant(tokens.take().text()));
                }
                return constant(text.toString());
            case INTEGER, FLOAT:
                return constant(tokens.number(token));
            default:
                break;
        }
        if (token.is(Kind.OPERATOR, "(")) {
            return bracket();
        }
        if (token.is(Kind.OPERATOR, "[")) {
            var items = new ArrayList<Expression>();
            tokens.list("]", () -> items.add(expressions.any()));
            return scope -> values(items, scope);
        }
        if (token.is(Kind.OPERATOR, "{")) {
            return map();
        }
        throw TemplateException.at(
                tokens.template, token.line(), "a value is expected, found " + token.text());
    }

    static List<Object> values(List<Expression> items, Scope scope) {
        var values = new ArrayList<Object>();
        items.forEach(item -> values.add(item.value(scope)));
        return values;
    }

    private static Expression constant(Object value) {
        return scope -> value;
    }

    private static Expression named(String name) {
        return switch (name) {
            case "true", "True" -> constant(true);
            case "false", "False" -> constant(false);
            case "none", "None" -> constant(null);
            default -> scope -> scope.get(name);
        };
    }

    private Expression bracket() {
        if (tokens.skip(")")) {
            return scope -> new Tuple();
        }
        var value = expressions.tuple();
        tokens.need(")");
        return value;
    }

    private Expression map() {
        var keys = new ArrayList<Expression>();
        var values = new ArrayList<Expression>();
        tokens.list(
                "}",
                () -> {
                    keys.add(expressions.any());
                    tokens.need(":");
                    values.add(expressions.any());
                });
        return scope -> {
            var map = new LinkedHashMap<Object, Object>();
            for (int i = 0; i < keys.size(); i++) {
                map.put(keys.get(i).value(scope), values.get(i).value(scope));
            }
            return map;
        };
    }

    /** What stands behind a value: attributes, items, parts, calls. */
    Expression behind(Expression start) {
        var value = start;
        while (true) {
            var holder = value;
            int line = tokens.now().line();
            if (tokens.skip(".")) {
                boolean place = tokens.now().kind() == Kind.INTEGER;
                var name = place ? "" : tokens.name();
                value =
                        place
                                ? item(line, holder, constant(tokens.number(tokens.take())))
                                : looked(line, s -> Parts.attribute(holder.value(s), name));
            } else if (tokens.skip("[")) {
                value = subscript(holder, line);
            } else if (tokens.nowIs("(")) {
                value = called(holder, line);
            } else {
                return value;
            }
        }
    }

    private Expression item(int line, Expression holder, Expression key) {
        return looked(line, scope -> Parts.item(holder.value(scope), key.value(scope)));
    }

    private Expression looked(int line, Expression part) {
        return expressions.at(
                line,
                scope -> {
                    scope.run.step();
                    var value = part.value(scope);
                    scope.run.looksAt(value);
                    return value;
                });
    }

    private Expression subscript(Expression holder, int line) {
        if (tokens.nowIs("]")) {
            throw tokens.fault("a place or a part is expected");
        }
        var bounds = new ArrayList<>(List.of(constant(null)));
        while (!tokens.nowIs("]")) {
            if (!tokens.skip(":")) {
                bounds.set(bounds.size() - 1, expressions.tuple());
            } else if (bounds.size() == 3) {
                throw tokens.fault("a part has at most two colons");
            } else {
                bounds.add(constant(null));
            }
        }
        tokens.need("]");
        return bounds.size() == 1
                ? item(line, holder, bounds.get(0))
                : expressions.at(
                        line, scope -> Parts.slice(holder.value(scope), values(bounds, scope)));
    }

    private Expression called(Expression function, int line) {
        var given = arguments();
        return expressions.at(
                line,
                scope -> {
                    var callee = function.value(scope);
                    var arguments = given.in(scope);
                    if (callee instanceof Arguments.Function known) {
                        scope.run.enter();
                        var value = known.call(arguments);
                        scope.run.leave();
                        return value;
                    }
                    throw TemplateException.of("'" + Values.known(callee) + "' is not callable");
                });
    }

    /** What stands in the brackets of a call. */
    private Given arguments() {
        tokens.need("(");
        var positional = new ArrayList<Expression>();
        var named = new LinkedHashMap<String, Expression>();
        tokens.list(
                ")",
                () -> {
                    if (tokens.nowIs("*") || tokens.nowIs("**")) {
                        throw tokens.fault(
                                "arguments from a list or a map (%s) are not built"
                                        .formatted(tokens.now().text()));
                    }
                    if (tokens.now().kind() == Kind.NAME && tokens.ahead().is(Kind.OPERATOR, "=")) {
                        var name = tokens.name();
                        tokens.need("=");
                        named.put(name, expressions.any());
                    } else {
                        positional.add(expressions.any());
                    }
                });
        return scope -> {
            var values = new LinkedHashMap<String, Object>();
            named.forEach((name, value) -> values.put(name, value.value(scope)));
            return new Arguments(values(positional, scope), values);
        };
    }

    private Given optionalArguments() {
        return tokens.nowIs("(") ? arguments() : scope -> Arguments.NONE;
    }

    /** Filters, tests and calls behind a value. */
    Expression filtered(Expression start) {
        var value = start;
        while (true) {
            var before = value;
            if (tokens.nowIs("|")) {
                var filters = filters();
                value = scope -> filters.of(scope, before.value(scope));
            } else if (tokens.skipName("is")) {
                value = check(value);
            } else if (tokens.nowIs("(")) {
                value = called(value, tokens.now().line());
            } else {
                return value;
            }
        }
    }

    /** The filters that follow, one after the other. */
    Filter filters() {
        Filter all = (scope, value) -> value;
        while (tokens.skip("|")) {
            all = all.then(filter());
        }
        return all;
    }

    /** The filter of the name that follows. */
    Filter filter() {
        int line = tokens.now().line();
        var name = tokens.name();
        var given = optionalArguments();
        return (scope, value) -> {
            scope.run.step();
            return expressions
                    .at(line, inner -> Filters.call(name, value, given.in(inner)))
                    .value(scope);
        };
    }

    private Expression check(Expression value) {
        int line = tokens.now().line();
        boolean wanted = !tokens.skipName("not");
        var name = tokens.name();
        var given = optionalArguments();
        if (argumentFollows()) {
            var one = behind(primary());
            given = scope -> new Arguments(values(List.of(one), scope), Map.of());
        }
        var arguments = given;
        return expressions.at(
                line,
                scope -> Checks.hold(name, value.value(scope), arguments.in(scope)) == wanted);
    }

    private boolean argumentFollows() {
        return switch (tokens.now().kind()) {
            case NAME -> !NO_ARGUMENT.contains(tokens.now().text());
            case STRING, INTEGER, FLOAT -> true;
            default -> tokens.nowIs("[") || tokens.nowIs("{");
        };
    }
}
