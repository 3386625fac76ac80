package org.lowrank.data.score;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.regex.Pattern;
import org.hipparchus.fraction.BigFraction;

/**
 * The exact value of a written calculation: numbers, + - * / × ÷, signs, brackets, percent, and
 * nothing else. What a model wrote is data: no evaluator of the platform ever sees it, and a text
 * that is no arithmetic has no value, with the reason.
 *
 * <p>Grammar: sum = product {(+|-) product}; product = factor {(*|/) factor}; factor = {+|-}
 * primary [%]; primary = number | ( sum ). A name and {@code =} in front, one {@code =} behind, a
 * currency sign before a number and a comment after {@code #} are passed over. Length and depth are
 * bounded, so every text is done with in time proportional to its length squared.
 */
public final class Arithmetic {

    private static final int LONGEST = 1000;
    private static final int DEEPEST = 100;
    private static final Pattern VARIABLE = Pattern.compile("\\s*[A-Za-z]\\w{0,30}\\s*=(?!=)");
    private static final Pattern NUMBER =
            Pattern.compile(
                    "[$€£]?((?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)?(?:\\.[0-9]+)?)\\.?");

    private final String text;
    private int at;
    private int depth;

    private Arithmetic(String text) {
        this.text = text;
    }

    /** The value of a text that is one calculation, for example {@code x=(3+4)*2}. */
    public static ExactValue value(String text) {
        var comment = text.indexOf('#');
        var bare = comment < 0 ? text : text.substring(0, comment);
        if (bare.length() > LONGEST) {
            return ExactValue.none(
                    bare.length() + " characters; a calculation has at most " + LONGEST);
        }
        var variable = VARIABLE.matcher(bare);
        bare = (variable.lookingAt() ? bare.substring(variable.end()) : bare).strip();
        bare = bare.endsWith("=") ? bare.substring(0, bare.length() - 1) : bare;
        try {
            var parser = new Arithmetic(bare);
            var value = parser.sum();
            parser.requireEnd();
            return ExactValue.of(value);
        } catch (NoArithmetic e) {
            return ExactValue.none(e.getMessage());
        }
    }

    private BigFraction sum() {
        var value = product();
        while (true) {
            if (taken('+')) {
                value = value.add(product());
            } else if (taken('-') || taken('\u2212')) {
                value = value.subtract(product());
            } else {
                return value;
            }
        }
    }

    private BigFraction product() {
        var value = factor();
        while (true) {
            if (taken('*') || taken('\u00D7')) {
                value = value.multiply(factor());
            } else if (taken('/') || taken('\u00F7')) {
                var divisor = factor();
                if (divisor.getNumerator().signum() == 0) {
                    throw new NoArithmetic("division by zero before character " + (at + 1));
                }
                value = value.divide(divisor);
            } else {
                return value;
            }
        }
    }

    private BigFraction factor() {
        var negative = false;
        while (true) {
            if (taken('-') || taken('\u2212')) {
                negative = !negative;
            } else if (!taken('+')) {
                break;
            }
        }
        var value = primary();
        if (taken('%')) {
            value = value.divide(100);
        }
        return negative ? value.negate() : value;
    }

    private BigFraction primary() {
        if (taken('(')) {
            if (++depth > DEEPEST) {
                throw new NoArithmetic("more than " + DEEPEST + " brackets within each other");
            }
            var value = sum();
            if (!taken(')')) {
                throw unexpected("a bracket is not closed");
            }
            depth--;
            return value;
        }
        skipSpace();
        var number = NUMBER.matcher(text).region(at, text.length());
        if (!number.lookingAt() || number.group(1).isEmpty()) {
            throw unexpected("a number or a bracket is expected");
        }
        at = number.end();
        return fraction(number.group(1));
    }

    /** The exact value of digits with thousands commas and a decimal point. */
    static BigFraction fraction(String digits) {
        var decimal = new BigDecimal(digits.replace(",", ""));
        return new BigFraction(
                decimal.unscaledValue(), BigInteger.TEN.pow(Math.max(0, decimal.scale())));
    }

    private boolean taken(char wanted) {
        skipSpace();
        if (at < text.length() && text.charAt(at) == wanted) {
            at++;
            return true;
        }
        return false;
    }

    private void skipSpace() {
        while (at < text.length()
                && (Character.isWhitespace(text.charAt(at)) || text.charAt(at) == '\u00A0')) {
            at++;
        }
    }

    private void requireEnd() {
        skipSpace();
        if (at < text.length()) {
            throw unexpected("no arithmetic");
        }
    }

    private NoArithmetic unexpected(String expectation) {
        var found = at < text.length() ? "'" + text.charAt(at) + "'" : "the end";
        return new NoArithmetic(found + " at character " + (at + 1) + ": " + expectation);
    }

    private static final class NoArithmetic extends RuntimeException {

        private static final long serialVersionUID = 1L;

        NoArithmetic(String message) {
            super(message, null, false, false);
        }
    }
}
