package org.lowrank.report.chart;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.font.FontRenderContext;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.internal.chartpart.IChart;

/**
 * Small charts of one scale side by side under one title, for what would be too many lines in one.
 */
public final class Panels implements IChart {

    private static final int TITLE = 28;
    private static final int KEY = 22;

    private final List<? extends Chart<?, ?>> charts;
    private final int columns;
    private final Map<String, Color> key;
    private String title;

    private Panels(
            String title, List<? extends Chart<?, ?>> charts, int columns, Map<String, Color> key) {
        this.title = title;
        this.charts = charts;
        this.columns = Math.min(columns, charts.size());
        this.key = new LinkedHashMap<>(key);
    }

    /**
     * Charts in rows.
     *
     * @param columns charts in a row, all of the size of the first
     * @param key what the colours mean, in order; empty if the charts say it themselves
     * @throws IllegalArgumentException if there is no chart
     */
    public static Panels of(
            String title, List<? extends Chart<?, ?>> charts, int columns, Map<String, Color> key) {
        if (charts.isEmpty()) {
            throw new IllegalArgumentException("panels need at least one chart: " + title);
        }
        return new Panels(title, charts, columns, key);
    }

    @Override
    public void paint(Graphics2D graphics, int width, int height) {
        ChartStyle.smooth(graphics);
        graphics.setColor(ChartStyle.INK);
        graphics.setFont(titleFont());
        graphics.drawString(title, 8, 19);
        graphics.setFont(ChartStyle.font(Font.BOLD, 12));
        int x = 8;
        for (var name : key.keySet()) {
            graphics.setColor(key.get(name));
            graphics.fillOval(x, TITLE + 3, 9, 9);
            graphics.drawString(name, x + 14, TITLE + 12);
            x += 34 + graphics.getFontMetrics().stringWidth(name);
        }
        for (int i = 0; i < charts.size(); i++) {
            var chart = charts.get(i);
            var part =
                    (Graphics2D)
                            graphics.create(
                                    i % columns * panelWidth(),
                                    top() + i / columns * panelHeight(),
                                    panelWidth(),
                                    panelHeight());
            chart.paint(part, panelWidth(), panelHeight());
            part.dispose();
        }
    }

    private int top() {
        return TITLE + (key.isEmpty() ? 0 : KEY);
    }

    private int panelWidth() {
        return charts.get(0).getWidth();
    }

    private int panelHeight() {
        return charts.get(0).getHeight();
    }

    /** That of the charts, or of the title where it is longer. */
    @Override
    public int getWidth() {
        var room = new FontRenderContext(null, true, true);
        int ofTitle = (int) Math.ceil(titleFont().getStringBounds(title, room).getWidth());
        return Math.max(columns * panelWidth(), ofTitle + 2 * 8);
    }

    private static Font titleFont() {
        return ChartStyle.font(Font.BOLD, 15);
    }

    @Override
    public int getHeight() {
        return top() + (charts.size() + columns - 1) / columns * panelHeight();
    }

    @Override
    public String getTitle() {
        return title;
    }

    void setTitle(String title) {
        this.title = title;
    }

    /** The charts, by rows. */
    public List<? extends Chart<?, ?>> charts() {
        return charts;
    }

    /** In words: the charts one after the other. */
    @Override
    public String toString() {
        return title
                + ". "
                + charts.stream().map(Object::toString).collect(Collectors.joining(" "));
    }
}
