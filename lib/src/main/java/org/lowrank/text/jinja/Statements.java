package org.lowrank.text.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import org.lowrank.text.jinja.Lexer.Kind;
import org.lowrank.text.jinja.Operands.Filter;
import org.lowrank.text.jinja.Statement.End;
import org.lowrank.text.jinja.Values.Namespace;

/** Jinja's statements: what stands between {@code {%} and {@code %}}. */
final class Statements {

    private static final Statement NOTHING = (scope, out) -> End.WHOLE;

    private final Tokens tokens;
    private final Expressions expressions;

    Statements(Tokens tokens) {
        this.tokens = tokens;
        this.expressions = new Expressions(tokens);
    }

    /** What is done with a text that was captured. */
    @FunctionalInterface
    private interface Use {
        void of(Scope scope, StringBuilder out, Object text);
    }

    /** The whole template. */
    Statement all() {
        var body = body(Set.of());
        if (tokens.now().kind() != Kind.END) {
            throw tokens.fault("{% " + tokens.now().text() + " %} closes nothing");
        }
        return body;
    }

    /** Statements up to one of the ending names, which stays. */
    private Statement body(Set<String> ends) {
        tokens.deeper();
        var parts = new ArrayList<Statement>();
        while (tokens.now().kind() != Kind.END) {
            var token = tokens.take();
            if (token.kind() == Kind.DATA) {
                parts.add(written(scope -> token.text()));
            } else if (token.kind() == Kind.OUTPUT_BEGIN) {
                parts.add(written(expressions.tuple()));
                tokens.need(Kind.OUTPUT_END, "}}");
            } else if (ends.contains(tokens.now().text())
                    || tokens.now().text().startsWith("end")) {
                break;
            } else {
                parts.add(statement());
            }
        }
        tokens.higher();
        return (scope, out) -> {
            for (var part : parts) {
                scope.run.step();
                var end = part.run(scope, out);
                if (end != End.WHOLE) {
                    return end;
                }
            }
            return End.WHOLE;
        };
    }

    private static Statement written(Expression value) {
        return (scope, out) -> {
            scope.run.write(out, PythonText.str(value.value(scope)));
            return End.WHOLE;
        };
    }

    private Statement statement() {
        int line = tokens.now().line();
        var name = tokens.name();
        return switch (name) {
            case "if" -> condition();
            case "for" -> loop(line);
            case "set" -> assignment();
            case "macro" -> new Macros(tokens, expressions, this).macro();
            case "call" -> new Macros(tokens, expressions, this).call();
            case "filter" -> {
                var first = expressions.operands().filter();
                yield captured(
                        name,
                        first.then(expressions.operands().filters()),
                        (scope, out, text) -> scope.run.write(out, PythonText.str(text)));
            }
            case "with" -> with();
            case "generation" -> generation();
            case "break", "continue" -> {
                close();
                var end = name.equals("break") ? End.BREAK : End.CONTINUE;
                yield (scope, out) -> end;
            }
            case "include", "import", "from", "extends" -> refused(name, line);
            default ->
                    throw TemplateException.at(
                            tokens.template, line, "the tag '" + name + "' is not built");
        };
    }

    /** Tags without a body need not be understood to be passed by. */
    private Statement refused(String name, int line) {
        while (tokens.now().kind() != Kind.BLOCK_END) {
            tokens.take();
        }
        close();
        return (scope, out) -> {
            throw TemplateException.at(
                    tokens.template,
                    line,
                    "the tag '" + name + "' is not built: a template stands alone");
        };
    }

    private void close() {
        tokens.need(Kind.BLOCK_END, "%}");
    }

    /** What stands between a tag of a name and its end. */
    Statement ended(String name) {
        close();
        var body = body(Set.of());
        end(name);
        return body;
    }

    private void end(String name) {
        tokens.needName("end" + name);
        close();
    }

    /** What stands behind {@code {% else %}}, up to the end of a tag; nothing without one. */
    private Statement otherwise(String tag) {
        if (tokens.skipName("else")) {
            return ended(tag);
        }
        end(tag);
        return NOTHING;
    }

    private Statement condition() {
        var condition = expressions.tuple();
        close();
        var then = body(Set.of("elif", "else"));
        var otherwise = tokens.skipName("elif") ? condition() : otherwise("if");
        return (scope, out) -> (condition.truth(scope) ? then : otherwise).run(scope, out);
    }

    private Statement loop(int line) {
        var names = names();
        tokens.needName("in");
        var items = expressions.withoutCondition();
        var condition = tokens.skipName("if") ? expressions.any() : null;
        if (tokens.nowIsName("recursive")) {
            throw tokens.fault("a recursive loop is not built");
        }
        close();
        var body = body(Set.of("else"));
        return new Loop(tokens.template, line, names, items, condition, body, otherwise("for"));
    }

    /** One name or several; they may stand in brackets. */
    private List<String> names() {
        boolean brackets = tokens.skip("(");
        var names = new ArrayList<>(List.of(tokens.name()));
        while (tokens.skip(",")) {
            names.add(tokens.name());
        }
        if (brackets) {
            tokens.need(")");
        }
        return names;
    }

    private Statement assignment() {
        int line = tokens.now().line();
        var names = names();
        var attribute = tokens.skip(".") ? tokens.name() : null;
        Use assigned = (scope, out, value) -> assign(scope, line, names, attribute, value);
        if (!tokens.skip("=")) {
            return captured("set", expressions.operands().filters(), assigned);
        }
        var value = expressions.tuple();
        close();
        return (scope, out) -> {
            assigned.of(scope, out, value.value(scope));
            return End.WHOLE;
        };
    }

    private void assign(Scope scope, int line, List<String> names, String attribute, Object value) {
        if (attribute == null) {
            scope.set(names, value);
        } else if (scope.get(names.get(0)) instanceof Namespace space) {
            space.put(attribute, value);
        } else {
            throw TemplateException.at(
                    tokens.template,
                    line,
                    names.get(0) + " is no namespace: its " + attribute + " cannot be set");
        }
    }

    private Statement captured(String tag, Filter filters, Use use) {
        var body = ended(tag);
        return (scope, out) -> {
            var text = new StringBuilder();
            var end = body.run(new Scope(scope), text);
            use.of(scope, out, filters.of(scope, text.toString()));
            return end;
        };
    }

    private Statement with() {
        var values = new LinkedHashMap<String, Expression>();
        while (tokens.now().kind() != Kind.BLOCK_END) {
            var name = tokens.name();
            tokens.need("=");
            values.put(name, expressions.any());
            tokens.skip(",");
        }
        var body = ended("with");
        return (scope, out) -> {
            var inner = new Scope(scope);
            values.forEach((name, value) -> inner.set(name, value.value(scope)));
            return body.run(inner, out);
        };
    }

    /** What the model wrote: its place in the text is remembered. */
    private Statement generation() {
        var body = ended("generation");
        return (scope, out) -> {
            int from = out.length();
            var end = body.run(new Scope(scope), out);
            scope.run.generated(out, from);
            return end;
        };
    }
}
