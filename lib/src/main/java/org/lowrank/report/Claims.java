package org.lowrank.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** What a notebook's text says, asserted in its last cell. */
public final class Claims {

    private static final int WIDTH = 95;

    private Claims() {}

    /**
     * One sentence and whether the numbers bear it out.
     *
     * @param checked false where the numbers are not there
     */
    public record Claim(String sentence, boolean holds, boolean checked) {}

    public static Claim that(String sentence, boolean holds) {
        return new Claim(sentence, holds, true);
    }

    /** A claim about numbers that are only there on some machines; else it is not checked. */
    public static Claim where(boolean there, String sentence, BooleanSupplier holds) {
        return new Claim(sentence, there && holds.getAsBoolean(), there);
    }

    /**
     * Prints each claim and fails if one does not hold: then the text is wrong, not the number. One
     * that could not be checked here is printed as such.
     *
     * @throws IllegalStateException naming every claim that does not hold
     */
    public static void check(Claim... claims) {
        List<String> broken = new ArrayList<>();
        for (var claim : claims) {
            var verdict =
                    !claim.checked()
                            ? "not checked here:  "
                            : claim.holds() ? "holds:  " : "FAILS:  ";
            System.out.println(lines(verdict + claim.sentence()));
            if (claim.checked() && !claim.holds()) {
                broken.add(claim.sentence());
            }
        }
        if (!broken.isEmpty()) {
            throw new IllegalStateException(
                    "the text claims what the numbers do not show: "
                            + String.join("; ", broken)
                            + ". The claims were written for the parameters as they are stored: if"
                            + " you changed some, what fails is a finding, not a mistake of yours");
        }
    }

    /** Broken between words: a notebook breaks a printed line that is too long inside of them. */
    static String lines(String text) {
        return text.replaceAll("(.{1," + (WIDTH - 8) + "})(?: +|$)", "$1\n        ").strip();
    }
}
