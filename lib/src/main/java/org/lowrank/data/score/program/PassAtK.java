package org.lowrank.data.score.program;

import java.math.BigInteger;
import java.util.List;
import org.hipparchus.fraction.BigFraction;
import org.lowrank.data.score.ExactValue;

/**
 * pass@k of Chen et al. (2021), without bias and without rounding: of n samples of a problem c
 * pass, and 1 - C(n - c, k) / C(n, k) of all choices of k hold one that does. The score of a set is
 * the mean over its problems. With fewer than k samples it has no value.
 */
public final class PassAtK {

    private PassAtK() {}

    /** How many samples of a problem there are, and how many pass. */
    public record Count(String problem, int samples, int passed) {
        public Count {
            if (passed < 0 || passed > samples) {
                throw new IllegalArgumentException(
                        problem + ": " + passed + " of " + samples + " samples cannot pass");
            }
        }
    }

    /** pass@k of one problem. */
    public static ExactValue of(Count count, int k) {
        if (k < 1) {
            throw new IllegalArgumentException("pass@k needs k >= 1, not " + k);
        }
        if (count.samples < k) {
            return ExactValue.none(
                    "pass@%d needs %d samples, %s has %d"
                            .formatted(k, k, count.problem, count.samples));
        }
        var failing = count.samples - count.passed;
        var none = new BigFraction(choose(failing, k), choose(count.samples, k));
        return ExactValue.of(BigFraction.ONE.subtract(none));
    }

    /** The mean over problems; no value if one of them has none. */
    public static ExactValue mean(List<Count> counts, int k) {
        if (counts.isEmpty()) {
            return ExactValue.none("no problems");
        }
        var sum = BigFraction.ZERO;
        for (var count : counts) {
            var value = of(count, k);
            if (value.value().isEmpty()) {
                return value;
            }
            sum = sum.add(value.value().get());
        }
        return ExactValue.of(sum.divide(counts.size()));
    }

    private static BigInteger choose(int n, int k) {
        var product = BigInteger.ONE;
        for (var i = 0; i < k; i++) {
            product = product.multiply(BigInteger.valueOf(n - i)).divide(BigInteger.valueOf(i + 1));
        }
        return product;
    }
}
