package org.lowrank.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0|0",
                "0.25|0.25",
                "12.34|12",
                "1234.5|1,235",
                "0.00123|0.0012",
                "1e-14|10⁻¹⁴",
                "1.23e-16|1.2·10⁻¹⁶",
                "-3e7|-3·10⁷",
                "1e4|10⁴",
                "1|1.0",
                "9999.7|10⁴"
            })
    void aNumberReadsAsPeopleWriteIt(double value, String text) {
        assertEquals(text, Rows.power(value));
    }

    @Test
    void aSettingHasNoZerosAtItsEnd() {
        assertEquals("0.001", Rows.setting(1e-3));
        assertEquals("0.3", Rows.setting(0.3));
        assertEquals("1", Rows.setting(1));
        assertEquals("10", Rows.setting(10));
        assertEquals("3·10⁻⁴", Rows.setting(3e-4));
        assertEquals("0", Rows.setting(0));
    }

    @Test
    void aTableIsFilledRowByRow() {
        var table = Rows.of("t", "name", "number");
        Rows.add(table, "one", 1);
        assertEquals("1", table.getString(0, 1));
        var refusal = assertThrows(IllegalArgumentException.class, () -> Rows.add(table, "two"));
        assertTrue(refusal.getMessage().contains("2 cells, not 1"));
    }

    @Test
    void powersOfTenStandOnTheRight() {
        var table = Rows.of("t", "error");
        Rows.add(table, Rows.power(1.2e-16));
        Rows.add(table, Rows.power(1e-14));
        assertTrue(HtmlTable.of(table).contains("<td align=\"right\""));
    }
}
