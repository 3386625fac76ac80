package org.lowrank.text.jinja;

import java.util.List;
import org.lowrank.text.jinja.Lexer.Kind;
import org.lowrank.text.jinja.Lexer.Token;

/** The tokens of a template, read one by one. */
final class Tokens {

    /** A hostile template may nest brackets without end. */
    private static final int DEEPEST = 200;

    final String template;
    private final List<Token> tokens;
    private int at;
    private int depth;

    Tokens(String template, List<Token> tokens) {
        this.template = template;
        this.tokens = tokens;
    }

    Token now() {
        return tokens.get(at);
    }

    Token ahead() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    Token take() {
        var token = now();
        at = Math.min(at + 1, tokens.size() - 1);
        return token;
    }

    boolean nowIs(String operator) {
        return now().is(Kind.OPERATOR, operator);
    }

    boolean nowIsName(String name) {
        return now().is(Kind.NAME, name);
    }

    boolean skip(String operator) {
        return nowIs(operator) && take() != null;
    }

    boolean skipName(String name) {
        return nowIsName(name) && take() != null;
    }

    void need(String operator) {
        if (!skip(operator)) {
            throw fault("expected " + operator + ", found " + now().text());
        }
    }

    void needName(String name) {
        if (!skipName(name)) {
            throw fault("expected " + name + ", found " + now().text());
        }
    }

    String name() {
        if (now().kind() != Kind.NAME) {
            throw fault("expected a name, found " + now().text());
        }
        return take().text();
    }

    void need(Kind kind, String words) {
        if (now().kind() != kind) {
            throw fault("expected " + words + ", found " + now().text());
        }
        take();
    }

    void deeper() {
        if (++depth > DEEPEST) {
            throw fault("nested more than " + DEEPEST + " deep");
        }
    }

    void higher() {
        depth--;
    }

    TemplateException fault(String problem) {
        return TemplateException.at(template, now().line(), problem);
    }
}
