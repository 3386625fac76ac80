package org.lowrank.report;

import java.util.Locale;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** Tables of texts, row by row, as notebooks make them. */
public final class Rows {

    private static final String[] SUPERSCRIPTS = "⁰ ¹ ² ³ ⁴ ⁵ ⁶ ⁷ ⁸ ⁹".split(" ");

    private Rows() {}

    /** A table without rows. */
    public static Table of(String title, String... columns) {
        var table = Table.create(title);
        for (var column : columns) {
            table.addColumns(StringColumn.create(column));
        }
        return table;
    }

    /**
     * Adds a row.
     *
     * @param cells one a column, as their {@code toString} writes them
     * @throws IllegalArgumentException if they are not as many as the columns
     */
    public static void add(Table table, Object... cells) {
        if (cells.length != table.columnCount()) {
            throw new IllegalArgumentException(
                    "a row of the table \""
                            + table.name()
                            + "\" has "
                            + table.columnCount()
                            + " cells, not "
                            + cells.length);
        }
        for (int i = 0; i < cells.length; i++) {
            table.stringColumn(i).append(String.valueOf(cells[i]));
        }
    }

    /** {@link #power} without zeros at the end: for settings, whose digits are no measurement. */
    public static String setting(double value) {
        var text = power(value);
        return text.matches("-?[\\d,]*\\.\\d*0+|-?[\\d,]*\\.0*")
                ? text.replaceAll("\\.?0+$", "")
                : text;
    }

    /**
     * A number as people write it: plain from 0.001 to 9,999, with a power of ten beyond, two
     * digits each.
     */
    public static String power(double value) {
        double size = Math.abs(value);
        if (value == 0 || !Double.isFinite(value)) {
            return value == 0 ? "0" : String.valueOf(value);
        }
        if (size >= 9.995e-4 && size < 9_999.5) {
            int decimals = Math.max(0, 1 - (int) Math.floor(Math.log10(size) + 1e-12));
            return String.format(Locale.ROOT, "%,." + decimals + "f", value);
        }
        var parts = String.format(Locale.ROOT, "%.1e", value).split("e");
        var exponent = new StringBuilder();
        for (char digit : String.valueOf(Integer.parseInt(parts[1])).toCharArray()) {
            exponent.append(digit == '-' ? "⁻" : SUPERSCRIPTS[digit - '0']);
        }
        var factor = parts[0].equals("1.0") ? "" : parts[0].replace(".0", "") + "·";
        return factor + "10" + exponent;
    }
}
