package org.lowrank.kernel;

/**
 * Reads Java as its lexer does, as far as magics need it: what is text, character or comment, and
 * what stands before a place.
 *
 * <p>A text or a character that its line does not end ends there: the compiler will say so.
 */
final class JavaText {

    private static final String BLOCK = "\"\"\"";

    private final String code;
    private int at;
    private char before;

    JavaText(String code) {
        this.code = code;
    }

    int position() {
        return at;
    }

    boolean ended() {
        return at >= code.length();
    }

    char next() {
        return code.charAt(at);
    }

    /**
     * The last character of the code so far that is neither blank nor comment; 0 where a statement
     * begins because nothing stands before it.
     */
    char before() {
        return before;
    }

    /** Goes on behind a part that is not Java and leaves the start of a statement behind it. */
    void skipStatement(int to) {
        at = to;
        before = ';';
    }

    /** Goes over one blank or other character, one text, character or comment. */
    void advance() {
        char c = next();
        if (code.startsWith("//", at)) {
            at = lineEnd(at);
        } else if (code.startsWith("/*", at)) {
            at = behind("*/", at + 2);
        } else if (code.startsWith(BLOCK, at)) {
            at = behindQuoted(at + BLOCK.length(), BLOCK);
            before = '"';
        } else if (c == '"' || c == '\'') {
            at = behindQuoted(at + 1, String.valueOf(c));
            before = c;
        } else {
            at++;
            if (!Character.isWhitespace(c)) {
                before = c;
            }
        }
    }

    int lineEnd(int from) {
        int end = code.indexOf('\n', from);
        return end < 0 ? code.length() : end;
    }

    private int behind(String mark, int from) {
        int found = code.indexOf(mark, from);
        return found < 0 ? code.length() : found + mark.length();
    }

    private int behindQuoted(int from, String mark) {
        int end = mark.equals(BLOCK) ? code.length() : lineEnd(from);
        for (int i = from; i < end; i++) {
            if (code.charAt(i) == '\\') {
                i++;
            } else if (code.startsWith(mark, i)) {
                return i + mark.length();
            }
        }
        return end;
    }
}
