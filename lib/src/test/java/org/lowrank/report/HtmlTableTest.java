package org.lowrank.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.numbers.NumberColumnFormatter;

class HtmlTableTest {

    /** The kernel's own test of a table that shows itself expects the same text. */
    @Test
    void aTableHasItsNumbersOnTheRight() {
        Table table =
                Table.create(
                        "Scores",
                        StringColumn.create("method", "LoRA <r=8>", "A&B"),
                        DoubleColumn.create("accuracy", 0.5, 0.25));
        assertEquals(
                """
                <table>
                <caption style="min-width: 5em">Scores</caption>
                <thead>
                <tr><th align="left" style="text-align: left">method</th>\
                <th align="right" style="text-align: right">accuracy</th></tr>
                </thead>
                <tbody>
                <tr><td align="left" style="text-align: left">LoRA &lt;r=8&gt;</td>\
                <td align="right" style="text-align: right">0.5</td></tr>
                <tr><td align="left" style="text-align: left">A&amp;B</td>\
                <td align="right" style="text-align: right">0.25</td></tr>
                </tbody>
                </table>""",
                HtmlTable.of(table));
    }

    @Test
    void formatsAreKeptAndMissingValuesAreEmpty() {
        DoubleColumn loss = DoubleColumn.create("loss", 1.23456, Double.NaN);
        loss.setPrintFormatter(NumberColumnFormatter.fixedWithGrouping(2));
        String html = HtmlTable.of(Table.create(loss));
        assertTrue(html.contains(">1.23</td>") && html.contains("></td>"), html);
        assertFalse(html.contains("<caption"), html);
    }

    @Test
    void numbersThatWereFormattedAsTextAreOnTheRightToo() {
        Table table =
                Table.create(
                        StringColumn.create("accuracy", "0.56 ± 0.01", "−1.2", "not reached"),
                        StringColumn.create("version", "v2", "v3", "3"));
        String html = HtmlTable.of(table);
        assertTrue(
                html.contains("<td align=\"right\" style=\"text-align: right\">not reached"), html);
        assertTrue(html.contains("<td align=\"left\" style=\"text-align: left\">v2"), html);
        assertTrue(MarkdownTable.of(table).contains("| --: | :-- |"), MarkdownTable.of(table));
    }

    @Test
    void aLongTableEndsWithItsNumberOfRows() {
        String html = HtmlTable.of(Table.create(IntColumn.indexColumn("i", 200, 1)));
        assertEquals(50, html.split("<td ", -1).length - 1);
        assertTrue(html.endsWith("<p>50 of 200 rows</p>"), html);
    }
}
