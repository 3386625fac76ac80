package org.lowrank.data.score;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.hipparchus.fraction.BigFraction;

/**
 * When an answer to a sum counts as right. Those named after a publication follow it to the letter,
 * faults included, so that a column may bear its name; {@link #NUMBER} compares values.
 *
 * <p>The reference is GSM8K's worked answer ({@code ... #### 18}) or a plain number ({@code 9.0}).
 */
public enum AnswerRule implements Metric<String, String> {
    /**
     * LoRA-Pro (arXiv 2407.18242) and LoRA-GA, as released: the first run of digits behind the
     * first {@code ####}, in answer and reference alike (70,000 is 70, -12 is nothing), and 0 where
     * there is none.
     */
    LORA_PRO("digits_after_mark") {
        @Override
        public Verdict of(String answer, String reference) {
            var said = digits(answer);
            var right = said.orElse(BigInteger.ZERO);
            return right.equals(digits(reference).orElse(BigInteger.ZERO))
                    ? Verdict.RIGHT
                    : said.isPresent() ? Verdict.WRONG : Verdict.NO_ANSWER;
        }

        private Optional<BigInteger> digits(String text) {
            return found(DIGITS, text).findFirst().map(match -> new BigInteger(match.group(1)));
        }
    },
    /** Task {@code gsm8k} of lm-evaluation-harness, filter {@code strict-match}: AltLoRA's rule. */
    STRICT_MATCH("strict_match") {
        @Override
        public Verdict of(String answer, String reference) {
            var said = found(STRICT, answer).findFirst().map(match -> match.group(1));
            return sameText(said, reference);
        }
    },
    /** The same task, filter {@code flexible-extract}: the last match. */
    FLEXIBLE_EXTRACT("flexible_extract") {
        @Override
        public Verdict of(String answer, String reference) {
            return sameText(last(FLEXIBLE, answer), reference);
        }
    },
    /** The value of the number that a careful reader takes: {@link WrittenNumber}. */
    NUMBER("number") {
        @Override
        public Verdict of(String answer, String reference) {
            return WrittenNumber.of(answer)
                    .map(said -> Verdict.of(said.equals(number(reference))))
                    .orElse(Verdict.NO_ANSWER);
        }
    },
    /**
     * LLM-Adapters (arXiv 2304.01933), for MAWPS, AddSub, MultiArith, SingleEq and SVAMP: the last
     * number without commas is within 0.001 of the answer.
     */
    LAST_NUMBER("last_number") {
        @Override
        public Verdict of(String answer, String reference) {
            var label = number(reference).doubleValue();
            return last(LAST, answer.replace(",", ""))
                    .map(Double::parseDouble)
                    .map(said -> Verdict.of(Math.abs(label - said) <= 0.001))
                    .orElse(Verdict.NO_ANSWER);
        }
    },
    /**
     * The value of the calculation that begins an answer (its first line up to an equals sign, as
     * in {@code 31*41=1233}) is within 0.001 of the reference; what is no arithmetic is no answer.
     */
    EXPRESSION("expression") {
        @Override
        public Verdict of(String answer, String reference) {
            var line = answer.strip().lines().findFirst().orElse("");
            var sides = line.split("=", -1);
            var first = sides.length > 1 && NAME.matcher(sides[0]).matches() ? sides[1] : sides[0];
            return Arithmetic.value(first)
                    .value()
                    .map(said -> said.subtract(number(reference)).abs())
                    .map(gap -> Verdict.of(gap.compareTo(new BigFraction(1, 1000)) <= 0))
                    .orElse(Verdict.NO_ANSWER);
        }
    };

    private static final Pattern DIGITS =
            Pattern.compile("####\\s*(\\d+)", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern STRICT = Pattern.compile("#### (-?[0-9.,]+)");
    private static final Pattern FLEXIBLE = Pattern.compile("-?[$0-9.,]{2,}|-?[0-9]+");
    private static final Pattern LAST = Pattern.compile("-?[0-9]+\\.?[0-9]*");
    private static final Pattern PLAIN =
            Pattern.compile("-?[0-9]+(?:\\.[0-9]+)?(?:[eE][-+]?[0-9]{1,2})?");
    private static final Pattern NAME = Pattern.compile("\\s*[A-Za-z]\\w*\\s*");

    /** What the task's exact match leaves out, in its order. */
    private static final List<Pattern> IGNORED =
            List.of(
                    Pattern.compile(","),
                    Pattern.compile("\\$"),
                    Pattern.compile("(?s).*#### "),
                    Pattern.compile("\\.$", Pattern.UNIX_LINES));

    private final String label;

    AnswerRule(String label) {
        this.label = label;
    }

    @Override
    public String label() {
        return label;
    }

    /** The share of right answers; {@link AnswerScore} says more. */
    @Override
    public double of(List<String> answers, List<String> references) {
        return AnswerScore.of(this, answers, references).accuracy();
    }

    /**
     * Judges one answer.
     *
     * @throws IllegalArgumentException if the reference holds no number
     */
    public abstract Verdict of(String answer, String reference);

    /** What is said of an answer; none is counted apart from wrong. */
    public enum Verdict {
        RIGHT,
        WRONG,
        NO_ANSWER;

        static Verdict of(boolean right) {
            return right ? RIGHT : WRONG;
        }
    }

    private static Verdict sameText(Optional<String> said, String reference) {
        return said.map(text -> Verdict.of(matched(text).equals(matched(reference))))
                .orElse(Verdict.NO_ANSWER);
    }

    private static String matched(String text) {
        var rest = text;
        for (var pattern : IGNORED) {
            rest = pattern.matcher(rest).replaceAll("");
        }
        return rest;
    }

    /** A reference may be a number as data files have it, 2.2E7 too. */
    private static BigFraction number(String reference) {
        if (PLAIN.matcher(reference.strip()).matches()) {
            return Arithmetic.fraction(new BigDecimal(reference.strip()).toPlainString());
        }
        return WrittenNumber.of(reference)
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "a reference answer without a number: \""
                                                + reference
                                                + "\""));
    }

    private static Optional<String> last(Pattern pattern, String text) {
        return found(pattern, text).map(MatchResult::group).reduce((first, second) -> second);
    }

    private static Stream<MatchResult> found(Pattern pattern, String text) {
        return pattern.matcher(text).results();
    }
}
