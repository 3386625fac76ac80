package org.lowrank.kernel;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A Tablesaw table as HTML.
 *
 * <p>The library has the same for other kernels, {@code org.lowrank.report.HtmlTable}: change both.
 */
final class TablesawTable {

    private static final int MAX_ROWS = 50;
    private static final Pattern NUMBER_FIRST = Pattern.compile("[+\u2212-]?[0-9\u221e].*");

    private final String name;
    private final int rows;
    private final List<TablesawColumn> columns;

    private TablesawTable(String name, int rows, List<TablesawColumn> columns) {
        this.name = name;
        this.rows = rows;
        this.columns = columns;
    }

    private record TablesawColumn(NotebookType type, Object column) {
        static TablesawColumn of(Object column) {
            return new TablesawColumn(
                    NotebookType.of(column, "tech.tablesaw.columns.Column").orElseThrow(), column);
        }

        String name() {
            return (String) type.call(column, "name");
        }

        /**
         * A numeric column, or one of text of which at least half the cells begin with a number.
         */
        boolean holdsNumbers(int rows) {
            if (NotebookType.of(column, "tech.tablesaw.api.NumericColumn").isPresent()) {
                return true;
            }
            int numbers = 0;
            for (int row = 0; row < rows; row++) {
                if (NUMBER_FIRST.matcher(text(row)).matches()) {
                    numbers++;
                }
            }
            return numbers > 0 && 2 * numbers >= rows;
        }

        String text(int row) {
            return (String) type.call(column, "getString", int.class, row);
        }
    }

    static Optional<TablesawTable> of(Object value) {
        return NotebookType.of(value, "tech.tablesaw.table.Relation")
                .map(
                        type ->
                                new TablesawTable(
                                        (String) type.call(value, "name"),
                                        (int) type.call(value, "rowCount"),
                                        ((List<?>) type.call(value, "columns"))
                                                .stream().map(TablesawColumn::of).toList()));
    }

    String toHtml() {
        StringBuilder html = new StringBuilder("<table>\n");
        if (name != null && !name.isBlank()) {
            html.append(caption(name));
        }
        html.append("<thead>\n<tr>");
        columns.forEach(column -> html.append(cell("th", column, column.name())));
        html.append("</tr>\n</thead>\n<tbody>\n");
        for (int row = 0; row < Math.min(rows, MAX_ROWS); row++) {
            html.append("<tr>");
            for (TablesawColumn column : columns) {
                html.append(cell("td", column, column.text(row)));
            }
            html.append("</tr>\n");
        }
        html.append("</tbody>\n</table>");
        if (rows > MAX_ROWS) {
            html.append("\n<p>").append(MAX_ROWS).append(" of ").append(rows).append(" rows</p>");
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

    private String cell(String tag, TablesawColumn column, String text) {
        String side = column.holdsNumbers(rows) ? "right" : "left";
        // the attribute is for viewers that drop styles
        return "<"
                + tag
                + " align=\""
                + side
                + "\" style=\"text-align: "
                + side
                + "\">"
                + escape(text)
                + "</"
                + tag
                + ">";
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
