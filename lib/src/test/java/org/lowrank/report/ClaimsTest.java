package org.lowrank.report;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

class ClaimsTest {

    @Test
    void aBrokenClaimIsNamedAndAKeptOneIsNot() {
        assertDoesNotThrow(() -> Claims.check(Claims.that("water is wet", true)));
        var error =
                assertThrows(
                        IllegalStateException.class,
                        () ->
                                Claims.check(
                                        Claims.that("two is even", true),
                                        Claims.that("three is even", false)));
        assertTrue(error.getMessage().contains("three is even"));
        assertFalse(error.getMessage().contains("two is even"));
        assertTrue(error.getMessage().contains("written for the parameters as they are stored"));
    }

    @Test
    void whatIsNotThereIsNotCheckedAndNeverHolds() {
        var there = Claims.where(true, "three is even", () -> false);
        assertThrows(IllegalStateException.class, () -> Claims.check(there));
        var absent =
                Claims.where(
                        false,
                        "nothing",
                        () -> {
                            throw new AssertionError("asked");
                        });
        assertFalse(absent.holds());
        assertFalse(absent.checked());
        assertDoesNotThrow(() -> Claims.check(absent));
    }

    @Test
    void aLongClaimIsBrokenBetweenWords() {
        var words = "holds:  " + "a claim of many words ".repeat(12).strip();
        var lines = Claims.lines(words);
        assertEquals(words, lines.replaceAll(" *\n *", " "));
        assertTrue(
                lines.lines().count() > 1 && lines.lines().allMatch(l -> l.length() <= 95), lines);
        assertEquals("holds:  short", Claims.lines("holds:  short"));
    }

    @Test
    void markdownAlignsNumbersToTheRightAndEscapesBars() {
        var table =
                Table.create(
                        StringColumn.create("name", "a|b", "c"), DoubleColumn.create("x", 1.5, -2));
        assertEquals(
                "| name | x |\n| :-- | --: |\n| a\\|b | 1.5 |\n| c | -2 |\n",
                MarkdownTable.of(table));
    }
}
