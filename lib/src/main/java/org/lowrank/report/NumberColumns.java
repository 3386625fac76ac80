package org.lowrank.report;

import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Locale;
import java.util.regex.Pattern;
import tech.tablesaw.api.NumericColumn;
import tech.tablesaw.columns.Column;
import tech.tablesaw.columns.numbers.NumberColumnFormatter;

/** Which columns of a table are read as numbers and therefore stand on the right. */
final class NumberColumns {

    private static final Pattern NUMBER_FIRST = Pattern.compile("[+\u2212-]?[0-9\u221e].*");

    private NumberColumns() {}

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
