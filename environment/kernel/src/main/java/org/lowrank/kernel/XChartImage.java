package org.lowrank.kernel;

import java.awt.image.BufferedImage;
import java.util.Optional;

/** An XChart chart as an image. */
final class XChartImage {

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

    BufferedImage toImage() {
        return (BufferedImage)
                type.callStatic("org.knowm.xchart.BitmapEncoder", "getBufferedImage", chart);
    }

    /** The same text in every run. */
    String description() {
        Object title = type.call(chart, "getTitle");
        return chart.getClass().getSimpleName()
                + (title == null || title.toString().isBlank() ? "" : " \"" + title + "\"");
    }
}
