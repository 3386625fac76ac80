package org.lowrank.report;

import java.util.ArrayList;
import tech.tablesaw.api.Table;

/** A Tablesaw table as Markdown: numbers to the right, everything as the table prints it. */
public final class MarkdownTable {

    private MarkdownTable() {}

    public static String of(Table table) {
        var text = new StringBuilder();
        row(text, table.columnNames());
        var rule = new ArrayList<String>();
        table.columns().forEach(c -> rule.add(NumberColumns.contains(c) ? "--:" : ":--"));
        row(text, rule);
        for (int i = 0; i < table.rowCount(); i++) {
            var cells = new ArrayList<String>();
            for (var column : table.columns()) {
                cells.add(column.getString(i).replace("|", "\\|"));
            }
            row(text, cells);
        }
        return text.toString();
    }

    private static void row(StringBuilder text, Iterable<String> cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }
}
