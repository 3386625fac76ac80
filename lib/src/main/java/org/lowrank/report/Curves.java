package org.lowrank.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Line charts in the house style: Okabe and Ito's colours, which survive colour-blindness, and a
 * line pattern of its own for each series, which survives print.
 */
public final class Curves {

    /** Okabe and Ito's palette without yellow, which vanishes on white. */
    public static final List<Color> COLOURS =
            List.of(
                    new Color(0x0072B2),
                    new Color(0xD55E00),
                    new Color(0x009E73),
                    new Color(0xCC79A7),
                    new Color(0x000000),
                    new Color(0xE69F00),
                    new Color(0x56B4E9));

    private static final float[][] DASHES = {null, {8, 4}, {2, 3}, {10, 3, 2, 3}};

    private static final List<Marker> MARKERS =
            List.of(
                    SeriesMarkers.CIRCLE,
                    SeriesMarkers.SQUARE,
                    SeriesMarkers.DIAMOND,
                    SeriesMarkers.TRIANGLE_UP,
                    SeriesMarkers.TRIANGLE_DOWN);

    private final XYChart chart;
    private int series;

    private Curves(XYChart chart) {
        this.chart = chart;
    }

    /** An empty chart of 720 x 420 pixels; the labels name quantity and unit. */
    public static Curves of(String title, String xLabel, String yLabel) {
        var chart =
                new XYChartBuilder()
                        .width(720)
                        .height(420)
                        .title(title)
                        .xAxisTitle(xLabel)
                        .yAxisTitle(yLabel)
                        .build();
        var styler = chart.getStyler();
        styler.setLocale(Locale.ROOT);
        styler.setChartBackgroundColor(Color.WHITE);
        styler.setPlotBorderVisible(false);
        styler.setLegendPosition(Styler.LegendPosition.InsideNE);
        styler.setLegendBorderColor(new Color(0xDDDDDD));
        styler.setPlotGridLinesColor(new Color(0xE6E6E6));
        styler.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 15));
        styler.setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
        styler.setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
        return new Curves(chart);
    }

    public Curves add(String name, List<? extends Number> x, List<? extends Number> y) {
        var line = chart.addSeries(name, x, y);
        line.setMarker(SeriesMarkers.NONE);
        line.setLineColor(COLOURS.get(series % COLOURS.size()));
        var dash = DASHES[series % DASHES.length];
        line.setLineStyle(
                new BasicStroke(2f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1f, dash, 0f));
        series++;
        return this;
    }

    /** Adds a line over 1, 2, 3, ..., smoothed by a running mean of the given width. */
    public Curves addSmoothed(String name, List<Double> y, int width) {
        var x = new ArrayList<Integer>();
        var mean = new ArrayList<Double>();
        for (int i = 0; i < y.size(); i++) {
            x.add(i + 1);
            mean.add(
                    y.subList(Math.max(0, i + 1 - width), i + 1).stream()
                            .mapToDouble(Double::doubleValue)
                            .average()
                            .orElseThrow());
        }
        return add(name, x, mean);
    }

    /** For lines of few points, which may end in any corner: markers, the legend outside. */
    Curves markPoints() {
        chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
        chart.getStyler().setMarkerSize(7);
        int number = 0;
        for (var line : chart.getSeriesCollection()) {
            line.setMarker(MARKERS.get(number++ % MARKERS.size()));
            line.setMarkerColor(line.getLineColor());
        }
        return this;
    }

    /** Makes the x axis logarithmic, labelled as the axis says. */
    Curves logarithmicX(RatioAxis axis) {
        chart.getStyler().setXAxisLogarithmic(true);
        chart.getStyler().setXAxisTickLabelsFormattingFunction(axis::label);
        return this;
    }

    /** Makes both axes logarithmic, every decade labelled as people write it. */
    public Curves logarithmic() {
        return logarithmicX().logarithmicY();
    }

    public Curves logarithmicX() {
        chart.getStyler().setXAxisLogarithmic(true);
        chart.getStyler().setXAxisTickLabelsFormattingFunction(Curves::decade);
        return this;
    }

    public Curves logarithmicY() {
        chart.getStyler().setYAxisLogarithmic(true);
        chart.getStyler().setYAxisTickLabelsFormattingFunction(Curves::decade);
        return this;
    }

    private static String decade(double value) {
        return value > 9e-4 && value < 9_999
                ? new DecimalFormat("#,##0.###", DecimalFormatSymbols.getInstance(Locale.ROOT))
                        .format(value)
                : Rows.power(value);
    }

    /** The chart; what XChart offers beyond this class is set on it. */
    public XYChart chart() {
        return chart;
    }
}
