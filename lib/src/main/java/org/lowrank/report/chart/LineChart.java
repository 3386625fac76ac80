package org.lowrank.report.chart;

import java.awt.BasicStroke;
import java.awt.Font;
import java.awt.Graphics2D;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Collectors;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.lowrank.experiment.spec.Rates;

/**
 * A chart of lines, each with its name at its end on the right: a reader need not go back and forth
 * between lines and a legend. {@link #toString} tells what is drawn to who cannot see it.
 */
final class LineChart extends XYChart {

    private static final int LINE_HEIGHT = 15;
    private static final int GAP = 12;

    /** The title stands over the middle of the axes: so much of it may stand left of them. */
    private static final int LEFT_OF_AXES = 20;

    private static final float SMALLEST_TITLE = 9f;

    /** Behind the name of a line that ends above the axis. */
    private static final String ABOVE = " ↑";

    private boolean isNamed = true;
    private DoubleUnaryOperator valueOfX = DoubleUnaryOperator.identity();

    private record Label(XYSeries series, double x, double end, double y) {}

    LineChart(XYChartBuilder builder) {
        super(builder);
        getStyler().setLegendVisible(false);
    }

    /** Leaves the names out: the panel's title or the key of the panels say them. */
    LineChart withoutNames() {
        isNamed = false;
        return this;
    }

    @Override
    public void paint(Graphics2D graphics, int width, int height) {
        boolean labelled = isNamed && getSeriesCollection().size() > 1;
        var font = ChartStyle.font(Font.BOLD, 12);
        int room = labelled ? room(graphics, font) : 0;
        fitTitle(graphics, width - room + LEFT_OF_AXES);
        super.paint(graphics, width - room, height);
        setWidth(width);
        if (!labelled) {
            return;
        }
        ChartStyle.smooth(graphics);
        graphics.setFont(font);
        for (var label : labels(width - room, height)) {
            graphics.setColor(label.series().getLineColor());
            graphics.setStroke(
                    new BasicStroke(
                            1f,
                            BasicStroke.CAP_BUTT,
                            BasicStroke.JOIN_ROUND,
                            1f,
                            new float[] {1, 3},
                            0f));
            int start = width - room + 2;
            graphics.drawLine((int) label.x() + 4, (int) label.end(), start - 3, (int) label.y());
            graphics.drawString(name(label.series()), start, (int) label.y() + 4);
        }
    }

    /** Makes the title small enough not to be cut at the left. */
    private void fitTitle(Graphics2D graphics, int room) {
        var font = getStyler().getChartTitleFont();
        while (graphics.getFontMetrics(font).stringWidth(getTitle()) > room
                && font.getSize2D() > SMALLEST_TITLE) {
            font = font.deriveFont(font.getSize2D() - 0.5f);
        }
        getStyler().setChartTitleFont(font);
    }

    private int room(Graphics2D graphics, Font font) {
        var metrics = graphics.getFontMetrics(font);
        return GAP
                + getSeriesCollection().stream()
                        .mapToInt(s -> metrics.stringWidth(name(s)))
                        .max()
                        .orElse(0);
    }

    /** At the height of the lines' ends, pushed apart where they would lie on each other. */
    private List<Label> labels(int width, int height) {
        var ends = new ArrayList<Label>();
        for (var series : getSeriesCollection()) {
            int last = lastPoint(series);
            if (last >= 0) {
                double x = getScreenXFromChart(series.getXData()[last]);
                double end = series.getYData()[last];
                double y = getScreenYFromChart(isAbove(series) ? getStyler().getYAxisMax() : end);
                double inside = Math.max(GAP, Math.min(height - 3 * GAP, y));
                ends.add(new Label(series, Math.min(x, width), inside, inside));
            }
        }
        ends.sort(Comparator.comparingDouble(Label::end));
        var labels = new ArrayList<Label>();
        double below = -LINE_HEIGHT;
        for (var end : ends) {
            double y = Math.max(end.y(), below + LINE_HEIGHT);
            labels.add(new Label(end.series(), end.x(), end.end(), y));
            below = y;
        }
        double above = height - LINE_HEIGHT;
        for (int i = labels.size() - 1; i >= 0; i--) {
            var label = labels.get(i);
            double y = Math.min(label.y(), above);
            labels.set(i, new Label(label.series(), label.x(), label.end(), y));
            above = y - LINE_HEIGHT;
        }
        return labels;
    }

    private String name(XYSeries series) {
        return series.getName() + (isAbove(series) ? ABOVE : "");
    }

    /** True if its last point lies above the end of the axis, so that it is not drawn. */
    private boolean isAbove(XYSeries series) {
        int last = lastPoint(series);
        var top = getStyler().getYAxisMax();
        return last >= 0 && top != null && series.getYData()[last] > top;
    }

    private static int lastPoint(XYSeries series) {
        var y = series.getYData();
        for (int i = y.length - 1; i >= 0; i--) {
            if (Double.isFinite(y[i])) {
                return i;
            }
        }
        return -1;
    }

    /** Says which value a place on the x axis has, for an axis that places values elsewhere. */
    void readX(DoubleUnaryOperator value) {
        valueOfX = value;
    }

    /** In words: the axes and where each line begins and ends. */
    @Override
    public String toString() {
        var lines =
                getSeriesCollection().stream()
                        .filter(series -> lastPoint(series) >= 0)
                        .map(this::inWords)
                        .collect(Collectors.joining("; "));
        return "%s. Lines of %s over %s: %s."
                .formatted(getTitle(), getYAxisTitle(), getXAxisTitle(), lines);
    }

    private String inWords(XYSeries series) {
        int last = lastPoint(series);
        int first = 0;
        while (!Double.isFinite(series.getYData()[first])) {
            first++;
        }
        return "%s from %s at %s to %s at %s"
                .formatted(
                        series.getName(),
                        Rates.text(series.getYData()[first]),
                        Rates.text(valueOfX.applyAsDouble(series.getXData()[first])),
                        Rates.text(series.getYData()[last]),
                        Rates.text(valueOfX.applyAsDouble(series.getXData()[last])));
    }
}
