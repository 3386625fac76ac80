package org.lowrank.data.languagetool;

import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A sentence as an uncased WordPiece tokenizer sees it before it looks words up: lower-case,
 * without accents and control characters, words and punctuation marks apart by one space. Two
 * sentences of one form get the same token ids, so no such model can tell them apart.
 */
final class UncasedForm {

    private static final Pattern SPACES = Pattern.compile("\\p{IsWhite_Space}+");
    private static final Pattern INVISIBLE = Pattern.compile("[\\p{Cc}\\p{Cf}]");
    private static final int REPLACEMENT = 0xFFFD;
    private static final int ASCII = 0x80;

    private UncasedForm() {}

    static String of(String sentence) {
        var text = Normalizer.normalize(sentence.toLowerCase(Locale.ROOT), Normalizer.Form.NFD);
        var form = new StringBuilder(text.length() + 8);
        var apart = false;
        for (var i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            var c = text.codePointAt(i);
            if (isSpace(c)) {
                apart = true;
            } else if (!isInvisible(c)) {
                var alone = standsAlone(c);
                if ((apart || alone) && form.length() > 0) {
                    form.append(' ');
                }
                form.appendCodePoint(c);
                apart = alone;
            }
        }
        return form.toString();
    }

    /** Composed characters, no control characters, single spaces: for a reader, case kept. */
    static String tidy(String sentence) {
        var text =
                Normalizer.normalize(SPACES.matcher(sentence).replaceAll(" "), Normalizer.Form.NFC);
        return SPACES.matcher(INVISIBLE.matcher(text).replaceAll("")).replaceAll(" ").strip();
    }

    private static boolean isSpace(int c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c);
    }

    private static boolean isInvisible(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.NON_SPACING_MARK -> true;
            default -> c == REPLACEMENT;
        };
    }

    /** Punctuation, and with it the ASCII symbols such as $ and ^; Chinese characters. */
    private static boolean standsAlone(int c) {
        return switch (Character.getType(c)) {
            case Character.CONNECTOR_PUNCTUATION,
                    Character.DASH_PUNCTUATION,
                    Character.START_PUNCTUATION,
                    Character.END_PUNCTUATION,
                    Character.INITIAL_QUOTE_PUNCTUATION,
                    Character.FINAL_QUOTE_PUNCTUATION,
                    Character.OTHER_PUNCTUATION ->
                    true;
            default -> c < ASCII ? !Character.isLetterOrDigit(c) : isHan(c);
        };
    }

    private static boolean isHan(int c) {
        return Character.UnicodeScript.of(c) == Character.UnicodeScript.HAN;
    }
}
