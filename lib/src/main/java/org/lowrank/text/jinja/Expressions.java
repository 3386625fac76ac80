package org.lowrank.text.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.lowrank.text.jinja.Lexer.Kind;
import org.lowrank.text.jinja.Values.Tuple;
import org.lowrank.text.jinja.Values.Undefined;

/** Jinja's expressions, from what binds least to what binds most. */
final class Expressions {

    private static final List<String> COMPARISONS = List.of("==", "!=", "<", ">", "<=", ">=");

    /** Operators between two values; those of a level bind more than those before. */
    private static final List<List<String>> LEVELS =
            List.of(List.of("+", "-"), List.of("~"), List.of("*", "/", "//", "%"), List.of("**"));

    private final Tokens tokens;
    private final Operands operands;

    Expressions(Tokens tokens) {
        this.tokens = tokens;
        this.operands = new Operands(tokens, this);
    }

    /** An expression, or several with commas: a tuple. */
    Expression tuple() {
        return tuple(this::any);
    }

    /** What a loop goes over: its {@code if} is the loop's own. */
    Expression withoutCondition() {
        return tuple(this::or);
    }

    private Expression tuple(Supplier<Expression> part) {
        var first = part.get();
        if (!tokens.nowIs(",")) {
            return first;
        }
        var parts = new ArrayList<>(List.of(first));
        while (tokens.skip(",") && !ends()) {
            parts.add(part.get());
        }
        return scope -> new Tuple(Operands.values(parts, scope).toArray());
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
        return chosen("or", true, () -> chosen("and", false, this::not));
    }

    /** {@code or} and {@code and}: the left value if its truth decides, else the right one. */
    private Expression chosen(String word, boolean decides, Supplier<Expression> part) {
        var left = part.get();
        while (tokens.skipName(word)) {
            var a = left;
            var b = part.get();
            left =
                    scope -> {
                        var value = a.value(scope);
                        return Values.truth(value) == decides ? value : b.value(scope);
                    };
        }
        return left;
    }

    private Expression not() {
        if (!tokens.skipName("not")) {
            return compared();
        }
        tokens.deeper();
        var value = not();
        tokens.higher();
        return scope -> !value.truth(scope);
    }

    /** A chain of comparisons: each holds between neighbours. */
    private Expression compared() {
        var first = binary(0);
        var operators = new ArrayList<String>();
        var values = new ArrayList<Expression>();
        for (var operator = comparison(); operator != null; operator = comparison()) {
            operators.add(operator);
            values.add(binary(0));
        }
        return operators.isEmpty()
                ? first
                : at(
                        tokens.now().line(),
                        scope -> {
                            var left = first.value(scope);
                            for (int i = 0; i < operators.size(); i++) {
                                var right = values.get(i).value(scope);
                                if (!holds(operators.get(i), left, right)) {
                                    return false;
                                }
                                left = right;
                            }
                            return true;
                        });
    }

    /** The comparison that follows, or null. */
    private String comparison() {
        if (tokens.now().kind() == Kind.OPERATOR && COMPARISONS.contains(tokens.now().text())) {
            return tokens.take().text();
        }
        boolean negated = tokens.nowIsName("not") && tokens.ahead().is(Kind.NAME, "in");
        if (negated) {
            tokens.take();
        }
        return tokens.skipName("in") ? negated ? "not in" : "in" : null;
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

    private Expression binary(int level) {
        if (level == LEVELS.size()) {
            return signed(true);
        }
        var left = binary(level + 1);
        while (tokens.now().kind() == Kind.OPERATOR
                && LEVELS.get(level).contains(tokens.now().text())) {
            left = operated(tokens.take().text(), left, binary(level + 1));
        }
        return left;
    }

    private Expression operated(String operator, Expression left, Expression right) {
        return at(
                tokens.now().line(),
                scope -> {
                    scope.run.step();
                    var a = left.value(scope);
                    var b = right.value(scope);
                    return operator.equals("~")
                            ? scope.run.joined(PythonText.str(a), PythonText.str(b))
                            : Operators.of(operator, a, b);
                });
    }

    private Expression signed(boolean filters) {
        tokens.deeper();
        Expression value;
        if (tokens.skip("-")) {
            var positive = signed(false);
            value = scope -> Operators.negated(positive.value(scope));
        } else {
            value = tokens.skip("+") ? signed(false) : operands.behind(operands.primary());
        }
        tokens.higher();
        return filters ? operands.filtered(value) : value;
    }

    /** The same; a fault in it is one of this line. */
    Expression at(int line, Expression value) {
        return scope -> {
            try {
                return value.value(scope);
            } catch (TemplateException e) {
                throw e.placed(tokens.template, line);
            }
        };
    }

    Operands operands() {
        return operands;
    }
}
