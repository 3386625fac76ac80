package org.lowrank.report;

import tech.tablesaw.columns.Column;
import tech.tablesaw.table.Relation;

/**
 * A table as HTML, for notebooks: numbers on the right, also those in text columns, everything else
 * on the left, no style sheet.
 *
 * <p>The kernel of this kit shows a table that is a cell's value in just this form, by itself, and
 * JJava by {@link org.lowrank.report.chart.JJavaPictures}. On another Java kernel, end the cell
 * with {@code render(HtmlTable.of(table), "text/html")}.
 */
public final class HtmlTable {

    /** Rows that are shown; a longer table ends with a line that says how many it has. */
    static final int MAX_ROWS = 50;

    private HtmlTable() {}

    /**
     * The HTML of a table or of rows selected from one.
     *
     * <p>Values read as their column prints them: set a print formatter for fewer digits.
     */
    public static String of(Relation table) {
        StringBuilder html = new StringBuilder("<table>\n");
        if (table.name() != null && !table.name().isBlank()) {
            html.append(caption(table.name()));
        }
        html.append("<thead>\n<tr>");
        for (Column<?> column : table.columns()) {
            html.append(cell("th", column, column.name()));
        }
        html.append("</tr>\n</thead>\n<tbody>\n");
        for (int row = 0; row < Math.min(table.rowCount(), MAX_ROWS); row++) {
            html.append("<tr>");
            for (Column<?> column : table.columns()) {
                html.append(cell("td", column, column.getString(row)));
            }
            html.append("</tr>\n");
        }
        html.append("</tbody>\n</table>");
        if (table.rowCount() > MAX_ROWS) {
            html.append("\n<p>%d of %d rows</p>".formatted(MAX_ROWS, table.rowCount()));
        }
        return html.toString();
    }

    /** Wide enough for a line of some sixty letters: over a narrow table it would wrap at each. */
    private static String caption(String name) {
        return "<caption style=\"min-width: "
                + Math.min(40, 2 + name.length() * 3 / 5)
                + "em\">"
                + escape(name)
                + "</caption>\n";
    }

    private static String cell(String tag, Column<?> column, String text) {
        String side = NumberColumns.contains(column) ? "right" : "left";
        // the attribute is for viewers that drop styles
        return "<%s align=\"%s\" style=\"text-align: %s\">%s</%s>"
                .formatted(tag, side, side, escape(text), tag);
    }

    /** Text as it stands between tags. */
    public static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
