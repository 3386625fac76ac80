package org.lowrank.report;

import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Locale;
import java.util.regex.Pattern;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.NumericColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;
import tech.tablesaw.columns.numbers.NumberColumnFormatter;

/** Which columns of a table are read as numbers and therefore stand on the right. */
public final class NumberColumns {

    private static final Pattern NUMBER_FIRST = Pattern.compile("[+\u2212-]?[0-9\u221e].*");

    private static final Pattern PLAIN = Pattern.compile("-?[0-9]+(\\.([0-9]+))?");

    /** More digits after the point than these were not rounded for people. */
    private static final int MOST_DECIMALS = 6;

    private NumberColumns() {}

    /**
     * Gives the numbers of a column as many digits after the point as the longest has, and sets
     * thousands apart where one has four digits before it, of whole numbers five: fewer may be a
     * name. Columns that were formatted otherwise stay as they are.
     */
    public static void align(Table table) {
        for (var column : table.columns()) {
            if (column instanceof NumericColumn<?> numbers) {
                align(numbers);
            }
        }
    }

    private static void align(NumericColumn<?> column) {
        double thousands = column instanceof DoubleColumn ? 1_000 : 10_000;
        int decimals = 0;
        boolean large = false;
        for (int row = 0; row < column.size(); row++) {
            var text = column.getString(row);
            var parts = PLAIN.matcher(text);
            if (column.isMissing(row)) {
                continue;
            }
            if (!parts.matches()) {
                return;
            }
            decimals = Math.max(decimals, parts.group(2) == null ? 0 : parts.group(2).length());
            large |= Math.abs(column.getDouble(row)) >= thousands;
        }
        if (decimals <= MOST_DECIMALS) {
            var format = DecimalFormat.getInstance(Locale.ROOT);
            format.setGroupingUsed(large);
            format.setMinimumFractionDigits(decimals);
            format.setMaximumFractionDigits(decimals);
            column.setPrintFormatter(new NumberColumnFormatter(format, ""));
        }
    }

    /** Numbers with all their digits and a point, in any locale; Tablesaw's own follow it. */
    static NumberColumnFormatter plain() {
        var format = new DecimalFormat("0", DecimalFormatSymbols.getInstance(Locale.ROOT));
        format.setMaximumFractionDigits(340);
        return new NumberColumnFormatter(format);
    }

    /**
     * A numeric column, or one of text of which at least half the cells begin with a number:
     * numbers that were formatted by hand, with a spread ("0.56 ± 0.01") or a word here and there.
     */
    static boolean contains(Column<?> column) {
        if (column instanceof NumericColumn) {
            return true;
        }
        int numbers = 0;
        for (int row = 0; row < column.size(); row++) {
            if (NUMBER_FIRST.matcher(column.getString(row)).matches()) {
                numbers++;
            }
        }
        return numbers > 0 && 2 * numbers >= column.size();
    }
}
