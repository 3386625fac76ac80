package org.lowrank.kernel;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.Map;
import java.util.Optional;

/** An XChart chart as an image of twice the density, with words for who cannot see it. */
final class XChartImage {

    private static final int DENSITY = 2;

    private final NotebookType type;
    private final Object chart;

    private XChartImage(NotebookType type, Object chart) {
        this.type = type;
        this.chart = chart;
    }

    static Optional<XChartImage> of(Object value) {
        return NotebookType.of(value, "org.knowm.xchart.internal.chartpart.IChart")
                .map(type -> new XChartImage(type, value));
    }

    /**
     * As the library draws it where it is on the class path: a cell then shows the very picture
     * that a figure's file has.
     */
    BufferedImage toImage() {
        return type.beside("org.lowrank.report.chart.ChartStyle")
                .map(style -> (BufferedImage) type.passTo(style, "picture", chart))
                .orElseGet(this::plain);
    }

    private BufferedImage plain() {
        int width = width();
        int height = height();
        var image =
                new BufferedImage(DENSITY * width, DENSITY * height, BufferedImage.TYPE_INT_ARGB);
        Graphics2D graphics = image.createGraphics();
        graphics.scale(DENSITY, DENSITY);
        graphics.setRenderingHint(
                RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        type.paint(chart, graphics, width, height);
        graphics.dispose();
        return image;
    }

    /** The size on the page and the words, as Jupyter knows them for images. */
    Map<String, Object> metadata() {
        return Map.of("width", width(), "height", height(), "alt", description());
    }

    private int width() {
        return (int) type.call(chart, "getWidth");
    }

    private int height() {
        return (int) type.call(chart, "getHeight");
    }

    /** The same text in every run: what the chart says of itself, or else its title. */
    String description() {
        String own = String.valueOf(chart);
        if (!own.startsWith(chart.getClass().getName() + "@")) {
            return own;
        }
        Object title = type.call(chart, "getTitle");
        return chart.getClass().getSimpleName()
                + (title == null || title.toString().isBlank() ? "" : " \"" + title + "\"");
    }
}
