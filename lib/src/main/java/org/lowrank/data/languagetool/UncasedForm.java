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
    private static final Pattern INVISIBLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Mn}\\uFFFD]+");
    // ASCII symbols such as $ and ^ count as punctuation there, and CJK characters as words.
    private static final Pattern APART =
            Pattern.compile("[\\p{P}\\p{IsHan}!-/:-@\\[-`{-~]", Pattern.UNICODE_CHARACTER_CLASS);

    private UncasedForm() {}

    static String of(String sentence) {
        var text = SPACES.matcher(sentence).replaceAll(" ").toLowerCase(Locale.ROOT);
        text = INVISIBLE.matcher(Normalizer.normalize(text, Normalizer.Form.NFD)).replaceAll("");
        text = APART.matcher(text).replaceAll(" $0 ");
        return SPACES.matcher(text).replaceAll(" ").strip();
    }

    /** Composed characters, no control characters, single spaces: for a reader, case kept. */
    static String tidy(String sentence) {
        var text = SPACES.matcher(sentence).replaceAll(" ");
        text = Normalizer.normalize(text, Normalizer.Form.NFC).replaceAll("[\\p{Cc}\\p{Cf}]", "");
        return SPACES.matcher(text).replaceAll(" ").strip();
    }
}
