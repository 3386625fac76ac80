package org.lowrank.data.score;

import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.hipparchus.fraction.BigFraction;

/**
 * The number that a careful reader takes from an answer, as an exact value: the first one behind
 * the first {@code ####}, on that line; where there is no such mark, the last of the text. Currency
 * signs, thousands commas, the point of the sentence, {@code 1/2} and {@code 1 1/2} are read; a
 * minus between two numbers is no sign; {@code 1e3} is no number.
 *
 * <p>For a published rule to the letter see {@link AnswerRule}.
 */
public final class WrittenNumber {

    private static final String MARK = "####";
    private static final Pattern NUMBER =
            Pattern.compile(
                    "(?<minus>[-\u2212])?[$€£]?(?<minus2>[-\u2212])?"
                            + "(?:(?<whole>[0-9]+)\\h)?(?<top>[0-9]+)/(?<bottom>[0-9]+)(?![0-9/])"
                            + "|(?<sign>[-\u2212])?[$€£]?(?<sign2>[-\u2212])?"
                            + "(?<digits>(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\\.[0-9]+)?"
                            + "|\\.[0-9]+)");
    private static final Pattern EXPONENT = Pattern.compile("[eE][-+]?[0-9]");

    private WrittenNumber() {}

    /** The number of an answer; empty if it has none. */
    public static Optional<BigFraction> of(String answer) {
        var mark = answer.indexOf(MARK);
        if (mark < 0) {
            return number(answer, true);
        }
        var behind = answer.substring(mark + MARK.length()).stripLeading();
        return number(behind.lines().findFirst().orElse(""), false);
    }

    private static Optional<BigFraction> number(String text, boolean last) {
        var found = NUMBER.matcher(text);
        Optional<BigFraction> value = Optional.empty();
        while (found.find() && (last || value.isEmpty())) {
            var here = value(found.toMatchResult(), text);
            value = here.isPresent() ? here : value;
        }
        return value;
    }

    private static Optional<BigFraction> value(MatchResult match, String text) {
        var signed = match.group(1) != null || match.group(6) != null;
        var inner = match.group(2) != null || match.group(7) != null;
        var before = match.start() == 0 ? ' ' : text.charAt(match.start() - 1);
        if (!signed && Character.isLetterOrDigit(before)) {
            return Optional.empty(); // a part of a word: x2
        }
        if (EXPONENT.matcher(text).region(match.end(), text.length()).lookingAt()) {
            return Optional.empty();
        }
        var value = plain(match);
        var negative = inner || signed && !standsBehindNumber(text, match.start());
        return negative ? value.map(BigFraction::negate) : value;
    }

    private static Optional<BigFraction> plain(MatchResult match) {
        if (match.group(4) == null) {
            return Optional.of(Arithmetic.fraction(match.group(8)));
        }
        var bottom = Arithmetic.fraction(match.group(5));
        if (bottom.getNumerator().signum() == 0) {
            return Optional.empty();
        }
        var part = Arithmetic.fraction(match.group(4)).divide(bottom);
        return Optional.of(
                match.group(3) == null ? part : part.add(Arithmetic.fraction(match.group(3))));
    }

    /** True if a minus at this place subtracts. */
    private static boolean standsBehindNumber(String text, int minus) {
        var before = text.substring(0, minus).stripTrailing();
        var last = before.isEmpty() ? ' ' : before.charAt(before.length() - 1);
        return Character.isDigit(last) || last == ')' || last == '%';
    }
}
