package org.lowrank.report.chart;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.lowrank.report.Rows;
import org.lowrank.report.Summary;

/**
 * Line charts in the house style: colours that survive colour-blindness, a line pattern of its own
 * for each series, which survives print, and each line's name at its end.
 */
public final class Curves {

    /** Colours of the lines, in order. */
    public static final List<Color> COLOURS = ChartStyle.COLOURS;

    private static final float[][] DASHES = {null, {8, 4}, {2, 3}, {10, 3, 2, 3}};

    private static final List<Marker> MARKERS =
            List.of(
                    SeriesMarkers.CIRCLE,
                    SeriesMarkers.SQUARE,
                    SeriesMarkers.DIAMOND,
                    SeriesMarkers.TRIANGLE_UP,
                    SeriesMarkers.TRIANGLE_DOWN);

    private static final double FEW_DECADES = 3;

    /** From here on the lines of a grid, nine a decade, would be a grey plane. */
    private static final double MANY_DECADES = 6;

    private final LineChart chart;
    private int series;

    private Curves(LineChart chart) {
        this.chart = chart;
    }

    /** An empty chart of 720 x 420 pixels; the labels name quantity and unit. */
    public static Curves of(String title, String xLabel, String yLabel) {
        return sized(720, 420, title, xLabel, yLabel);
    }

    /** An empty chart for {@link Panels}: small, without words at its axes and lines. */
    static Curves panel(int width, int height, String title, String xLabel, String yLabel) {
        var curves = sized(width, height, title, xLabel, yLabel);
        curves.chart.withoutNames();
        var styler = curves.chart.getStyler();
        styler.setAxisTitlesVisible(false);
        styler.setPlotGridVerticalLinesVisible(false);
        styler.setChartTitleFont(ChartStyle.font(Font.BOLD, 12));
        styler.setAxisTickLabelsFont(ChartStyle.font(Font.PLAIN, 10));
        return curves;
    }

    private static Curves sized(int width, int height, String title, String xLabel, String yLabel) {
        var chart =
                new LineChart(
                        new XYChartBuilder()
                                .width(width)
                                .height(height)
                                .title(title)
                                .xAxisTitle(xLabel)
                                .yAxisTitle(yLabel));
        ChartStyle.apply(chart.getStyler());
        chart.getStyler().setErrorBarsColorSeriesColor(true);
        return new Curves(chart);
    }

    public Curves add(String name, List<? extends Number> x, List<? extends Number> y) {
        return drawn(chart.addSeries(name, x, y), COLOURS.get(series % COLOURS.size()));
    }

    /**
     * Adds a line whose points have intervals, drawn as bars.
     *
     * @param halves half the width of each point's interval, 0 where none is known
     */
    public Curves add(
            String name,
            List<? extends Number> x,
            List<? extends Number> y,
            List<? extends Number> halves) {
        return drawn(chart.addSeries(name, x, y, halves), COLOURS.get(series % COLOURS.size()));
    }

    /** Adds the means over seeds by x, with half of their 95 % intervals; 0 for one seed. */
    Curves addMeans(String name, SortedMap<Double, Summary> means) {
        return add(
                name,
                List.copyOf(means.keySet()),
                means.values().stream().map(Summary::mean).toList(),
                means.values().stream().map(Curves::half).toList());
    }

    private static double half(Summary summary) {
        return summary.interval().known() ? summary.interval().high() - summary.mean() : 0;
    }

    /** Adds a line of a colour that means the same in several charts. */
    Curves addIn(Color colour, String name, List<? extends Number> x, List<? extends Number> y) {
        return drawn(chart.addSeries(name, x, y), colour);
    }

    /** As {@link #addIn(Color, String, List, List)} with half the width of intervals as bars. */
    Curves addIn(
            Color colour,
            String name,
            List<? extends Number> x,
            List<? extends Number> y,
            List<? extends Number> halves) {
        return drawn(chart.addSeries(name, x, y, halves), colour);
    }

    private Curves drawn(XYSeries line, Color colour) {
        line.setMarker(SeriesMarkers.NONE);
        line.setLineColor(colour);
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

    /** For lines of few points: markers. */
    public Curves markPoints() {
        chart.getStyler().setMarkerSize(7);
        int number = 0;
        for (var line : chart.getSeriesCollection()) {
            line.setMarker(MARKERS.get(number++ % MARKERS.size()));
            line.setMarkerColor(line.getLineColor());
        }
        return this;
    }

    /** Makes the x axis logarithmic, labelled as the axis says, for points where it places them. */
    Curves logarithmicX(RatioAxis axis) {
        var styler = chart.getStyler();
        if (axis.isOfTwos()) {
            // so that at most halves come between the wholes
            styler.setXAxisTickMarkSpacingHint((int) (chart.getWidth() / (2 * axis.octaves())));
        } else {
            styler.setXAxisLogarithmic(true).setXAxisLogarithmicDecadeOnly(false);
        }
        styler.setXAxisTickLabelsFormattingFunction(axis::label);
        chart.readX(axis::value);
        return this;
    }

    /** Makes both axes logarithmic, labelled as people write numbers. */
    public Curves logarithmic() {
        return logarithmicX().logarithmicY();
    }

    /** Every decade is labelled; where there are few of them, twos and fives too. */
    public Curves logarithmicX() {
        chart.getStyler().setXAxisLogarithmic(true).setXAxisLogarithmicDecadeOnly(false);
        chart.getStyler().setXAxisTickLabelsFormattingFunction(this::tick);
        if (decades() > MANY_DECADES) {
            chart.getStyler().setPlotGridLinesVisible(false);
        }
        return this;
    }

    public Curves logarithmicY() {
        chart.getStyler().setYAxisLogarithmic(true);
        chart.getStyler().setYAxisTickLabelsFormattingFunction(Curves::decade);
        return this;
    }

    private String tick(double value) {
        int first = (int) Math.rint(value / Math.pow(10, Math.floor(Math.log10(value) + 1e-9)));
        boolean labelled = first == 1 || (first == 2 || first == 5) && decades() < FEW_DECADES;
        return labelled ? decade(value) : "";
    }

    private double decades() {
        var x =
                chart.getSeriesCollection().stream()
                        .flatMapToDouble(line -> Arrays.stream(line.getXData()))
                        .filter(value -> value > 0)
                        .summaryStatistics();
        return Math.log10(x.getMax() / x.getMin());
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

    /** Of all points of the lines: where they lie on the y axis. */
    static DoubleSummaryStatistics heights(List<XYSeries> lines) {
        return lines.stream()
                .flatMapToDouble(line -> Arrays.stream(line.getYData()))
                .summaryStatistics();
    }
}
