package org.lowrank.text.jinja;

import java.util.Locale;
import org.lowrank.text.jinja.Lexer.Kind;

/** Numbers and texts as a template writes them. */
final class Literals {

    private static final String ESCAPES = "n\nt\tr\rb\bf\fv\u000Ba\u0007\\\\''\"\"";

    private Literals() {}

    static Object number(Kind kind, String text, Tokens tokens) {
        var digits = text.replace("_", "").toLowerCase(Locale.ROOT);
        try {
            if (kind == Kind.FLOAT) {
                return Double.parseDouble(digits);
            }
            int radix =
                    digits.startsWith("0x")
                            ? 16
                            : digits.startsWith("0o") ? 8 : digits.startsWith("0b") ? 2 : 10;
            return Long.parseLong(radix == 10 ? digits : digits.substring(2), radix);
        } catch (NumberFormatException e) {
            throw tokens.fault("the number " + text + " has more than 64 bits");
        }
    }

    /** The text between quotes; a backslash that begins no escape stays. */
    static String text(String quoted) {
        var text = quoted.substring(1, quoted.length() - 1);
        var out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\' || i + 1 == text.length()) {
                out.append(c);
                continue;
            }
            char kind = text.charAt(++i);
            int known = ESCAPES.indexOf(kind);
            int digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
            if (known >= 0 && known % 2 == 0) {
                out.append(ESCAPES.charAt(known + 1));
            } else if (digits > 0
                    && i + digits < text.length()
                    && text.substring(i + 1, i + 1 + digits).matches("[0-9a-fA-F]+")) {
                out.appendCodePoint(Integer.parseInt(text.substring(i + 1, i + 1 + digits), 16));
                i += digits;
            } else if (kind >= '0' && kind <= '7') {
                int end = i;
                while (end < Math.min(text.length(), i + 3)
                        && text.charAt(end) >= '0'
                        && text.charAt(end) <= '7') {
                    end++;
                }
                out.append((char) Integer.parseInt(text.substring(i, end), 8));
                i = end - 1;
            } else if (kind != '\n') {
                out.append('\\').append(kind);
            }
        }
        return out.toString();
    }
}
