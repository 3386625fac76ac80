package org.lowrank.data.score;

import java.util.Optional;
import org.hipparchus.fraction.BigFraction;

/**
 * A number without rounding, or the reason why there is none; never a number in its place.
 *
 * @param value empty if there is none
 * @param reason why there is none; empty if there is one
 */
public record ExactValue(Optional<BigFraction> value, String reason) {

    public static ExactValue of(BigFraction value) {
        return new ExactValue(Optional.of(value), "");
    }

    public static ExactValue none(String reason) {
        return new ExactValue(Optional.empty(), reason);
    }
}
