package org.lowrank.report;

import java.util.ArrayList;
import java.util.List;

/** What a notebook's text says, asserted in its last cell. */
public final class Claims {

    private static final int WIDTH = 95;

    private Claims() {}

    /** One sentence and whether the numbers bear it out. */
    public record Claim(String sentence, boolean holds) {}

    public static Claim that(String sentence, boolean holds) {
        return new Claim(sentence, holds);
    }

    /**
     * Prints each claim and fails if one does not hold: then the text is wrong, not the number.
     *
     * @throws IllegalStateException naming every claim that does not hold
     */
    public static void check(Claim... claims) {
        List<String> broken = new ArrayList<>();
        for (var claim : claims) {
            System.out.println(lines((claim.holds() ? "holds:  " : "FAILS:  ") + claim.sentence()));
            if (!claim.holds()) {
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
