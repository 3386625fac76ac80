package org.lowrank.experiment.spec;

import java.math.BigDecimal;
import java.math.MathContext;

/** Learning rates as people write them. */
public final class Rates {

    private static final int DIGITS = 4;

    private Rates() {}

    /** For example {@code 5e-4}, {@code 1.5e-3}, {@code 0.02}. */
    public static String text(double rate) {
        var rounded = new BigDecimal(rate).round(new MathContext(DIGITS)).stripTrailingZeros();
        int exponent = rounded.precision() - rounded.scale() - 1;
        if (rounded.signum() == 0 || exponent > -3 && exponent < 4) {
            return rounded.toPlainString();
        }
        return rounded.scaleByPowerOfTen(-exponent).stripTrailingZeros().toPlainString()
                + "e"
                + exponent;
    }
}
