package org.lowrank.text.jinja;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BinaryOperator;
import java.util.function.Supplier;
import org.lowrank.text.jinja.Arguments.Function;
import org.lowrank.text.jinja.Lexer.Kind;

/** Jinja's expressions, from what binds least to what binds most. */
final class Expressions {

    private static final Set<String> NO_ARGUMENT =
            Set.of("else", "or", "and", "is", "if", "in", "not");

    private final Tokens tokens;

    Expressions(Tokens tokens) {
        this.tokens = tokens;
    }

    /** An expression, or several with commas: a tuple. */
    Expression tuple() {
        return tuple(true);
    }

    private Expression tuple(boolean conditions) {
        var first = conditions ? any() : or();
        if (!tokens.nowIs(",")) {
            return first;
        }
        var parts = new ArrayList<>(List.of(first));
        while (tokens.skip(",") && !ends()) {
            parts.add(conditions ? any() : or());
        }
        return scope -> new Tuple(values(parts, scope));
    }

    /** What a loop goes over: its {@code if} is the loop's own. */
    Expression withoutCondition() {
        return tuple(false);
    }

    private boolean ends() {
        return switch (tokens.now().kind()) {
            case BLOCK_END, OUTPUT_END, END -> true;
            default -> tokens.nowIs(")") || tokens.nowIs("]") || tokens.nowIs("=");
        };
    }

    Expression any() {
        tokens.deeper();
        var value = or();
        while (tokens.skipName("if")) {
            var then = value;
            var condition = or();
            Expression otherwise =
                    tokens.skipName("else")
                            ? any()
                            : scope -> new Undefined("the if has no else and is not met");
            value = scope -> (condition.truth(scope) ? then : otherwise).value(scope);
        }
        tokens.higher();
        return value;
    }

    private Expression or() {
        var left = and();
        while (tokens.skipName("or")) {
            var a = left;
            var b = and();
            left =
                    scope -> {
                        var value = a.value(scope);
                        return Values.truth(value) ? value : b.value(scope);
                    };
        }
        return left;
    }

    private Expression and() {
        var left = not();
        while (tokens.skipName("and")) {
            var a = left;
            var b = not();
            left =
                    scope -> {
                        var value = a.value(scope);
                        return Values.truth(value) ? b.value(scope) : value;
                    };
        }
        return left;
    }

    private Expression not() {
        if (tokens.skipName("not")) {
            tokens.deeper();
            var value = not();
            tokens.higher();
            return scope -> !value.truth(scope);
        }
        return compared();
    }

    /** A chain of comparisons: each holds between neighbours. */
    private Expression compared() {
        var first = sum();
        var operators = new ArrayList<String>();
        var values = new ArrayList<>(List.of(first));
        while (true) {
            var operator = tokens.now().text();
            if (tokens.now().kind() == Kind.OPERATOR
                    && List.of("==", "!=", "<", ">", "<=", ">=").contains(operator)) {
                tokens.take();
            } else if (tokens.skipName("in")) {
                operator = "in";
            } else if (tokens.nowIsName("not") && tokens.ahead().is(Kind.NAME, "in")) {
                tokens.take();
                tokens.take();
                operator = "not in";
            } else {
                break;
            }
            operators.add(operator);
            values.add(sum());
        }
        int line = tokens.now().line();
        return operators.isEmpty()
                ? first
                : scope -> {
                    var left = first.value(scope);
                    for (int i = 0; i < operators.size(); i++) {
                        var right = values.get(i + 1).value(scope);
                        var a = left;
                        var operator = operators.get(i);
                        if (!placed(line, () -> holds(operator, a, right))) {
                            return false;
                        }
                        left = right;
                    }
                    return true;
                };
    }

    private static boolean holds(String operator, Object a, Object b) {
        return switch (operator) {
            case "==" -> Values.equal(a, b);
            case "!=" -> !Values.equal(a, b);
            case "<" -> Values.order(a, b) < 0;
            case ">" -> Values.order(a, b) > 0;
            case "<=" -> Values.order(a, b) <= 0;
            case ">=" -> Values.order(a, b) >= 0;
            case "in" -> Values.contains(b, a);
            default -> !Values.contains(b, a);
        };
    }

    private Expression sum() {
        var left = joined();
        while (tokens.nowIs("+") || tokens.nowIs("-")) {
            left =
                    tokens.take().text().equals("+")
                            ? both(left, joined(), Values::add)
                            : both(left, joined(), (a, b) -> Values.arithmetic('-', a, b));
        }
        return left;
    }

    private Expression joined() {
        var first = product();
        if (!tokens.nowIs("~")) {
            return first;
        }
        var parts = new ArrayList<>(List.of(first));
        while (tokens.skip("~")) {
            parts.add(product());
        }
        return scope -> {
            var out = new StringBuilder();
            parts.forEach(part -> scope.run.write(out, PythonText.str(part.value(scope))));
            return out.toString();
        };
    }

    private Expression product() {
        var left = power();
        while (tokens.nowIs("*") || tokens.nowIs("/") || tokens.nowIs("//") || tokens.nowIs("%")) {
            var operator = tokens.take().text();
            char kind = operator.equals("//") ? 'd' : operator.charAt(0);
            left =
                    kind == '*'
                            ? both(left, power(), Values::multiply)
                            : both(left, power(), (a, b) -> Values.arithmetic(kind, a, b));
        }
        return left;
    }

    private Expression power() {
        var left = signed(true);
        while (tokens.skip("**")) {
            left = both(left, signed(true), (a, b) -> Values.arithmetic('p', a, b));
        }
        return left;
    }

    private Expression both(Expression left, Expression right, BinaryOperator<Object> operator) {
        int line = tokens.now().line();
        return scope -> {
            scope.run.step();
            var a = left.value(scope);
            var b = right.value(scope);
            return placed(line, () -> operator.apply(a, b));
        };
    }

    private Expression signed(boolean filters) {
        tokens.deeper();
        Expression value;
        if (tokens.skip("-")) {
            var positive = signed(false);
            value = scope -> Values.negated(positive.value(scope));
        } else if (tokens.skip("+")) {
            value = signed(false);
        } else {
            value = behind(primary());
        }
        tokens.higher();
        return filters ? filtered(value) : value;
    }

    private Expression primary() {
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

    private static List<Object> values(List<Expression> items, Scope scope) {
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
        var value = tuple();
        tokens.need(")");
        return value;
    }

    private List<Expression> items(String end) {
        var items = new ArrayList<Expression>();
        while (!tokens.skip(end)) {
            items.add(any());
            if (!tokens.nowIs(end)) {
                tokens.need(",");
            }
        }
        return items;
    }

    private Expression map() {
        var entries = new ArrayList<Map.Entry<Expression, Expression>>();
        while (!tokens.skip("}")) {
            var key = any();
            tokens.need(":");
            entries.add(Map.entry(key, any()));
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
    private Expression behind(Expression start) {
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
                                            placed(
                                                    line,
                                                    () ->
                                                            Values.attribute(
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
            return looked(scope, placed(line, () -> Values.item(value, place)));
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
                bounds[colons] = tuple();
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
            return placed(line, () -> Values.slice(value, b[0], b[1], b[2]));
        };
    }

    private Expression called(Expression function, int line) {
        var given = arguments();
        return scope -> {
            var callee = function.value(scope);
            var arguments = given.value(scope);
            return placed(
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
                named.put(name, any());
            } else {
                positional.add(any());
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
    private Expression filtered(Expression start) {
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
            return placed(
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
            return placed(
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

    private <T> T placed(int line, Supplier<T> work) {
        try {
            return work.get();
        } catch (TemplateException e) {
            throw e.placed(tokens.template, line);
        }
    }
}
