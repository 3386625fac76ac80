package org.lowrank.text.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.Supplier;
import org.lowrank.text.jinja.Lexer.Kind;

/** Jinja's expressions, from what binds least to what binds most. */
final class Expressions {

    private final Tokens tokens;
    private final Operands operands;

    Expressions(Tokens tokens) {
        this.tokens = tokens;
        this.operands = new Operands(tokens, this);
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
        return scope -> new Tuple(Operands.values(parts, scope));
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
            value = operands.behind(operands.primary());
        }
        tokens.higher();
        return filters ? operands.filtered(value) : value;
    }

    <T> T placed(int line, Supplier<T> work) {
        try {
            return work.get();
        } catch (TemplateException e) {
            throw e.placed(tokens.template, line);
        }
    }

    Operands operands() {
        return operands;
    }
}
