package org.lowrank.text.jinja;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lowrank.text.jinja.Arguments.Function;
import org.lowrank.text.jinja.Lexer.Kind;

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

    Expression primary() {
        var token = tokens.take();
        switch (token.kind()) {
            case NAME:
                return named(token.text());
            case STRING:
                var text = new StringBuilder(Literals.text(token.text()));
                while (tokens.now().kind() == Kind.STRING) {
                    text.append(Literals.text(tokens.take().text()));
                }
                var whole = text.toString();
                return scope -> whole;
            case INTEGER:
            case FLOAT:
                var number = Literals.number(token.kind(), token.text(), tokens);
                return scope -> number;
            default:
                break;
        }
        if (token.is(Kind.OPERATOR, "(")) {
            return bracket();
        }
        if (token.is(Kind.OPERATOR, "[")) {
            var items = items("]");
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

    private Expression named(String name) {
        return switch (name) {
            case "true", "True" -> scope -> true;
            case "false", "False" -> scope -> false;
            case "none", "None" -> scope -> null;
            default -> scope -> scope.get(name);
        };
    }

    private Expression bracket() {
        if (tokens.skip(")")) {
            return scope -> new Tuple(List.of());
        }
        var value = expressions.tuple();
        tokens.need(")");
        return value;
    }

    private List<Expression> items(String end) {
        var items = new ArrayList<Expression>();
        while (!tokens.skip(end)) {
            items.add(expressions.any());
            if (!tokens.nowIs(end)) {
                tokens.need(",");
            }
        }
        return items;
    }

    private Expression map() {
        var entries = new ArrayList<Map.Entry<Expression, Expression>>();
        while (!tokens.skip("}")) {
            var key = expressions.any();
            tokens.need(":");
            entries.add(Map.entry(key, expressions.any()));
            if (!tokens.nowIs("}")) {
                tokens.need(",");
            }
        }
        return scope -> {
            var map = new LinkedHashMap<Object, Object>();
            entries.forEach(
                    entry -> map.put(entry.getKey().value(scope), entry.getValue().value(scope)));
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
                if (tokens.now().kind() == Kind.INTEGER) {
                    long place = Long.parseLong(tokens.take().text());
                    value = at(holder, scope -> place, line);
                } else {
                    var name = tokens.name();
                    value =
                            scope ->
                                    looked(
                                            scope,
                                            expressions.placed(
                                                    line,
                                                    () ->
                                                            Parts.attribute(
                                                                    holder.value(scope), name)));
                }
            } else if (tokens.skip("[")) {
                value = subscript(holder, line);
            } else if (tokens.nowIs("(")) {
                value = called(holder, line);
            } else {
                return value;
            }
        }
    }

    private Expression at(Expression holder, Expression key, int line) {
        return scope -> {
            var value = holder.value(scope);
            var place = key.value(scope);
            return looked(scope, expressions.placed(line, () -> Parts.item(value, place)));
        };
    }

    private static Object looked(Scope scope, Object value) {
        scope.run.step();
        scope.run.looksAt(value);
        return value;
    }

    private Expression subscript(Expression holder, int line) {
        var bounds = new Expression[3];
        int colons = 0;
        while (!tokens.nowIs("]")) {
            if (tokens.skip(":")) {
                if (++colons > 2) {
                    throw tokens.fault("a part has at most two colons");
                }
            } else {
                bounds[colons] = expressions.tuple();
            }
        }
        tokens.need("]");
        if (colons == 0 && bounds[0] != null) {
            return at(holder, bounds[0], line);
        }
        return scope -> {
            var value = holder.value(scope);
            var b = new Object[3];
            for (int i = 0; i < 3; i++) {
                b[i] = bounds[i] == null ? null : bounds[i].value(scope);
            }
            return expressions.placed(line, () -> Parts.slice(value, b[0], b[1], b[2]));
        };
    }

    private Expression called(Expression function, int line) {
        var given = arguments();
        return scope -> {
            var callee = function.value(scope);
            var arguments = given.value(scope);
            return expressions.placed(
                    line,
                    () -> {
                        if (callee instanceof Function known) {
                            scope.run.enter();
                            var value = known.call((Arguments) arguments);
                            scope.run.leave();
                            return value;
                        }
                        if (callee instanceof Undefined undefined) {
                            throw undefined.refused();
                        }
                        throw TemplateException.of("'" + Values.kind(callee) + "' is not callable");
                    });
        };
    }

    /** What stands in the brackets of a call. */
    Expression arguments() {
        tokens.need("(");
        var positional = new ArrayList<Expression>();
        var named = new LinkedHashMap<String, Expression>();
        while (!tokens.skip(")")) {
            if (tokens.nowIs("*") || tokens.nowIs("**")) {
                throw tokens.fault(
                        "arguments from a list or a map ("
                                + tokens.now().text()
                                + ") are not built");
            }
            if (tokens.now().kind() == Kind.NAME && tokens.ahead().is(Kind.OPERATOR, "=")) {
                var name = tokens.name();
                tokens.need("=");
                named.put(name, expressions.any());
            } else {
                positional.add(expressions.any());
            }
            if (!tokens.nowIs(")")) {
                tokens.need(",");
            }
        }
        return scope -> {
            var values = new LinkedHashMap<String, Object>();
            named.forEach((name, value) -> values.put(name, value.value(scope)));
            return new Arguments(values(positional, scope), values);
        };
    }

    /** Filters, tests and calls behind a value. */
    Expression filtered(Expression start) {
        var value = start;
        while (true) {
            if (tokens.skip("|")) {
                value = filter(value);
            } else if (tokens.skipName("is")) {
                value = check(value);
            } else if (tokens.nowIs("(")) {
                value = called(value, tokens.now().line());
            } else {
                return value;
            }
        }
    }

    /** The filter of a name behind a value. */
    Expression filter(Expression value) {
        int line = tokens.now().line();
        var name = tokens.name();
        var given = tokens.nowIs("(") ? arguments() : null;
        var filter = Filters.of(name);
        return scope -> {
            scope.run.step();
            var first = value.value(scope);
            var rest = given == null ? Arguments.none() : (Arguments) given.value(scope);
            return expressions.placed(
                    line,
                    () -> {
                        if (filter == null) {
                            throw TemplateException.of("the filter '" + name + "' is not built");
                        }
                        return filter.call(Filters.with(first, rest));
                    });
        };
    }

    private Expression check(Expression value) {
        int line = tokens.now().line();
        boolean wanted = !tokens.skipName("not");
        var check = Checks.of(tokens.name());
        Expression given = null;
        if (tokens.nowIs("(")) {
            given = arguments();
        } else if (argumentFollows()) {
            var one = behind(primary());
            given = scope -> new Arguments(Arrays.asList(one.value(scope)), Map.of());
        }
        var arguments = given;
        return scope -> {
            var first = value.value(scope);
            var rest = arguments == null ? Arguments.none() : (Arguments) arguments.value(scope);
            return expressions.placed(
                    line, () -> Values.truth(check.call(Filters.with(first, rest))) == wanted);
        };
    }

    private boolean argumentFollows() {
        return switch (tokens.now().kind()) {
            case NAME -> !NO_ARGUMENT.contains(tokens.now().text());
            case STRING, INTEGER, FLOAT -> true;
            default -> tokens.nowIs("[") || tokens.nowIs("{");
        };
    }
}
