package org.lowrank.report.chart;

import java.awt.Color;
import java.awt.Font;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;
import org.lowrank.experiment.spec.Rates;

/**
 * A map of numbers over two axes in the house style: one hue from light to dark, so that it reads
 * the same in grey and to the colour-blind; the darkest still carries its number in black.
 */
public final class HeatMap {

    private static final Color[] LIGHT_TO_DARK = {
        new Color(0xF7FBFF), new Color(0xC6DBEF), new Color(0x9ECAE1), new Color(0x4A98C9)
    };

    private HeatMap() {}

    /**
     * A map of 720 x 360 pixels.
     *
     * @param rows one row a key, from the bottom upwards; each has the same columns; NaN stays
     *     empty
     * @param low the value of the lightest colour
     * @param high the value of the darkest
     * @throws IllegalArgumentException if there is no row or no value, or two rows differ in their
     *     columns
     */
    public static HeatMapChart of(
            String title,
            String xLabel,
            String yLabel,
            SortedMap<?, ? extends SortedMap<?, Double>> rows,
            double low,
            double high) {
        var columns = columns(rows);
        var chart =
                new MapChart(
                        new HeatMapChartBuilder()
                                .width(720)
                                .height(360)
                                .title(title)
                                .xAxisTitle(xLabel)
                                .yAxisTitle(yLabel));
        var cells = new ArrayList<Number[]>();
        int y = 0;
        for (var row : rows.values()) {
            int x = 0;
            for (double value : row.values()) {
                if (!Double.isNaN(value)) {
                    cells.add(new Number[] {x, y, value});
                }
                x++;
            }
            y++;
        }
        if (cells.isEmpty()) {
            throw new IllegalArgumentException(
                    "a heat map needs a value, but every place of '"
                            + title
                            + "' is empty: no run that it shows is there");
        }
        chart.addSeries("values", labels(columns), labels(rows.keySet()), cells);
        style(chart, low, high);
        return chart;
    }

    /** A map that tells in words what it shows. */
    private static final class MapChart extends HeatMapChart {

        MapChart(HeatMapChartBuilder builder) {
            super(builder);
        }

        void resize(int width, int height) {
            setWidth(width);
            setHeight(height);
        }

        @Override
        public String toString() {
            var series = getHeatMapSeries();
            var values =
                    series.getHeatData().stream()
                            .map(cell -> (Number[]) cell)
                            .mapToDouble(cell -> cell[2].doubleValue())
                            .summaryStatistics();
            return "%s. A map of %d by %d places, %s by %s, values from %s to %s."
                    .formatted(
                            getTitle(),
                            series.getXData().size(),
                            series.getYData().size(),
                            getXAxisTitle(),
                            getYAxisTitle(),
                            Rates.text(values.getMin()),
                            Rates.text(values.getMax()));
        }
    }

    /** Makes a map a small one, for {@link Panels}, with its numbers by a pattern of digits. */
    static HeatMapChart asPanel(
            HeatMapChart chart, int width, int height, String title, String pattern) {
        chart.setTitle(title);
        var styler = chart.getStyler();
        styler.setLegendVisible(false);
        styler.setChartTitleFont(ChartStyle.font(Font.BOLD, 12));
        styler.setAxisTitleFont(ChartStyle.font(Font.PLAIN, 11));
        styler.setAxisTickLabelsFont(ChartStyle.font(Font.PLAIN, 10));
        styler.setValueFont(ChartStyle.font(Font.PLAIN, 10));
        styler.setShowValue(true);
        styler.setHeatMapValueDecimalPattern(pattern);
        styler.setXAxisTickMarkSpacingHint(20);
        styler.setYAxisTickMarkSpacingHint(12);
        ((MapChart) chart).resize(width, height);
        return chart;
    }

    private static List<?> columns(SortedMap<?, ? extends SortedMap<?, Double>> rows) {
        if (rows.isEmpty()) {
            throw new IllegalArgumentException("a heat map needs at least one row");
        }
        var columns = List.copyOf(rows.get(rows.firstKey()).keySet());
        rows.forEach(
                (key, row) -> {
                    if (!columns.equals(List.copyOf(row.keySet()))) {
                        throw new IllegalArgumentException(
                                "row %s has the columns %s, but the first has %s"
                                        .formatted(key, row.keySet(), columns));
                    }
                });
        return columns;
    }

    /** Numbers as people write them; XChart would write .0001. */
    private static List<?> labels(Collection<?> keys) {
        return keys.stream().map(k -> k instanceof Double d ? Rates.text(d) : k).toList();
    }

    private static void style(HeatMapChart chart, double low, double high) {
        var styler = chart.getStyler();
        ChartStyle.apply(styler);
        styler.setPlotGridLinesVisible(false);
        // every row and column named
        styler.setXAxisTickMarkSpacingHint(30);
        styler.setYAxisTickMarkSpacingHint(20);
        styler.setValueFontColor(Color.BLACK);
        styler.setMin(low);
        styler.setMax(high);
        styler.setRangeColors(LIGHT_TO_DARK);
        styler.setHeatMapValueDecimalPattern("0.##");
    }
}
