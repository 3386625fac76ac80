package org.lowrank.text.jinja;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A template as tokens. Blanks at tags are removed as jinja2 does with trim_blocks and
 * lstrip_blocks: the line end after a block, and blanks before a block that begins its line.
 */
final class Lexer {

    enum Kind {
        FLOAT("[0-9](?:_?[0-9])*(?:\\.[0-9](?:_?[0-9])*(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)"),
        INTEGER("0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|[0-9](?:_?[0-9])*"),
        NAME("[\\p{L}_][\\p{L}\\p{N}_]*"),
        STRING("(?s)'(?:[^'\\\\]|\\\\.)*+'|\"(?:[^\"\\\\]|\\\\.)*+\""),
        OPERATOR("//|\\*\\*|==|!=|>=|<=|[-+*/%~\\[\\](){}<>=.:|,;]"),
        BLOCK_BEGIN("\\{%"),
        BLOCK_END("(?:\\+%\\}|-%\\}\\s*|%\\}\\n?)"),
        OUTPUT_BEGIN("\\{\\{"),
        OUTPUT_END("(?:-\\}\\}\\s*|\\}\\})"),
        DATA(""),
        END("");

        private final Pattern pattern;

        Kind(String pattern) {
            this.pattern = Pattern.compile(pattern);
        }
    }

    record Token(Kind kind, String text, int line) {

        boolean is(Kind other, String content) {
            return kind == other && text.equals(content);
        }
    }

    private static final Pattern RAW = Pattern.compile("\\{%[-+]?\\s*raw\\s*(-?)%\\}");
    private static final Pattern END_RAW =
            Pattern.compile("\\{%([-+]?)\\s*endraw\\s*" + Kind.BLOCK_END.pattern);
    private static final Pattern COMMENT_END = Pattern.compile("\\+#\\}|-#\\}\\s*|#\\}\\n?");
    private static final List<Kind> IN_TAGS =
            List.of(Kind.FLOAT, Kind.INTEGER, Kind.NAME, Kind.STRING, Kind.OPERATOR);

    private final String template;
    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private boolean lineStarts = true;
    private int counted;
    private int lines = 1;

    private Lexer(String template, String source) {
        this.template = template;
        var lines = source.replace("\r\n", "\n").replace('\r', '\n');
        this.source = lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines;
    }

    static List<Token> read(String template, String source) {
        var lexer = new Lexer(template, source);
        lexer.read();
        return lexer.tokens;
    }

    private void read() {
        while (at < source.length()) {
            int tag = nextTag();
            boolean ends = tag < 0;
            data(
                    source.substring(at, ends ? source.length() : tag),
                    ends ? ' ' : sign(tag),
                    ends || source.charAt(tag + 1) == '{');
            at = ends ? source.length() : tag;
            if (!ends) {
                tag(source.charAt(tag + 1));
            }
        }
        add(Kind.END, "the end");
    }

    private void tag(char kind) {
        var raw = RAW.matcher(source).region(at, source.length());
        if (kind == '%' && raw.lookingAt()) {
            raw(raw.end(), !raw.group(1).isEmpty());
            return;
        }
        int begin = at;
        at += sign(at) == ' ' ? 2 : 3;
        if (kind == '#') {
            var end = COMMENT_END.matcher(source);
            if (!end.find(at)) {
                throw fault(begin, "a comment {# is not closed");
            }
            passed(end.end());
        } else if (kind == '%') {
            add(Kind.BLOCK_BEGIN, "{%");
            code(Kind.BLOCK_END, begin);
        } else {
            add(Kind.OUTPUT_BEGIN, "{{");
            code(Kind.OUTPUT_END, begin);
        }
    }

    private void raw(int from, boolean strips) {
        var end = END_RAW.matcher(source);
        if (!end.find(from)) {
            throw fault(at, "{% raw %} is not closed by {% endraw %}");
        }
        var text = source.substring(from, end.start());
        lineStarts = false;
        at = from;
        data(
                strips ? PythonText.strip(text, null, true, false) : text,
                end.group(1).isEmpty() ? ' ' : end.group(1).charAt(0),
                false);
        passed(end.end());
    }

    private void code(Kind endKind, int begin) {
        Deque<Character> open = new ArrayDeque<>();
        while (at < source.length()) {
            var end = endKind.pattern.matcher(source).region(at, source.length());
            if (open.isEmpty() && end.lookingAt()) {
                add(endKind, end.group().strip());
                passed(end.end());
                return;
            }
            char c = source.charAt(at);
            if (Character.isWhitespace(c)) {
                at++;
            } else if (IN_TAGS.stream().noneMatch(this::take)) {
                throw fault(at, "the character " + c + " is not expected here");
            } else {
                balance(open, tokens.get(tokens.size() - 1));
            }
        }
        throw fault(begin, "a tag is not closed");
    }

    private void balance(Deque<Character> open, Token token) {
        int kind = token.kind == Kind.OPERATOR ? "([{)]}".indexOf(token.text.charAt(0)) : -1;
        if (kind >= 0 && kind < 3) {
            open.push(")]}".charAt(kind));
        } else if (kind >= 3 && (open.isEmpty() || open.pop() != token.text.charAt(0))) {
            throw fault(at, "the bracket " + token.text + " closes nothing");
        }
    }

    private boolean take(Kind kind) {
        var found = kind.pattern.matcher(source).region(at, source.length());
        if (!found.lookingAt()) {
            return false;
        }
        add(kind, found.group());
        at = found.end();
        return true;
    }

    /** Text before a tag of the given sign (-, + or none). */
    private void data(String text, char sign, boolean output) {
        var kept = text;
        if (sign == '-') {
            kept = PythonText.strip(text, null, false, true);
        } else if (sign != '+' && !output) {
            int line = text.lastIndexOf('\n') + 1;
            if ((line > 0 || lineStarts) && text.substring(line).isBlank()) {
                kept = text.substring(0, line);
            }
        }
        if (!kept.isEmpty()) {
            add(Kind.DATA, kept);
        }
    }

    private void passed(int end) {
        at = end;
        lineStarts = source.charAt(end - 1) == '\n';
    }

    private int nextTag() {
        for (int i = source.indexOf('{', at); i >= 0; i = source.indexOf('{', i + 1)) {
            if (i + 1 < source.length() && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
                return i;
            }
        }
        return -1;
    }

    private char sign(int tag) {
        char c = tag + 2 < source.length() ? source.charAt(tag + 2) : ' ';
        return c == '-' || c == '+' ? c : ' ';
    }

    private void add(Kind kind, String text) {
        tokens.add(new Token(kind, text, line(at)));
    }

    private int line(int position) {
        if (position < counted) {
            counted = 0;
            lines = 1;
        }
        for (; counted < position; counted++) {
            lines += source.charAt(counted) == '\n' ? 1 : 0;
        }
        return lines;
    }

    private TemplateException fault(int position, String problem) {
        return TemplateException.at(template, line(position), problem);
    }
}
