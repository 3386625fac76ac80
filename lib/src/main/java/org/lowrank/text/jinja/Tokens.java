package org.lowrank.text.jinja;

import java.util.List;
import java.util.Locale;
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
        need(skip(operator), operator);
    }

    void needName(String name) {
        need(skipName(name), name);
    }

    void need(Kind kind, String words) {
        need(now().kind() == kind, words);
        take();
    }

    String name() {
        need(now().kind() == Kind.NAME, "a name");
        return take().text();
    }

    private void need(boolean found, String words) {
        if (!found) {
            throw fault("expected " + words + ", found " + now().text());
        }
    }

    /** Items with commas between them, up to a bracket. */
    void list(String end, Runnable item) {
        while (!skip(end)) {
            item.run();
            if (!nowIs(end)) {
                need(",");
            }
        }
    }

    Object number(Token token) {
        var digits = token.text().replace("_", "").toLowerCase(Locale.ROOT);
        try {
            if (token.kind() == Kind.FLOAT) {
                return Double.parseDouble(digits);
            }
            int radix =
                    switch (digits.length() > 1 ? digits.charAt(1) : '0') {
                        case 'x' -> 16;
                        case 'o' -> 8;
                        case 'b' -> 2;
                        default -> 10;
                    };
            return Long.parseLong(radix == 10 ? digits : digits.substring(2), radix);
        } catch (NumberFormatException e) {
            throw fault("the number " + token.text() + " has more than 64 bits");
        }
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
