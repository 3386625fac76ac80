package org.lowrank.report.chart;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import javax.imageio.ImageIO;
import org.knowm.xchart.internal.chartpart.IChart;
import org.lowrank.report.HtmlTable;

/**
 * A chart that is redrawn in place while something runs, at most once a second or so: drawing must
 * not cost more than what it shows.
 */
public final class LiveChart {

    private static final long NANOS_BETWEEN = 1_500_000_000L;

    private final UnaryOperator<String> display;
    private final BiConsumer<String, String> update;
    private String id;
    private long drawnAt;

    private LiveChart(UnaryOperator<String> display, BiConsumer<String, String> update) {
        this.display = display;
        this.update = update;
    }

    /**
     * In a notebook: {@code LiveChart.inNotebook(html -> display(html, "text/html"), (id, html) ->
     * updateDisplay(id, html, "text/html"))}.
     *
     * @param display shows HTML and returns the id of the block
     * @param update replaces the HTML of a block
     */
    public static LiveChart inNotebook(
            UnaryOperator<String> display, BiConsumer<String, String> update) {
        return new LiveChart(display, update);
    }

    /** Draws if the last drawing is old enough; the chart is not made otherwise. */
    public void show(Supplier<? extends IChart> chart) {
        if (id == null || System.nanoTime() - drawnAt >= NANOS_BETWEEN) {
            showNow(chart.get());
        }
    }

    /** Draws in any case: the last state of a run. */
    public void showNow(IChart chart) {
        var html = image(chart);
        if (id == null) {
            id = display.apply(html);
        } else {
            update.accept(id, html);
        }
        drawnAt = System.nanoTime();
    }

    private static String image(IChart chart) {
        var png = new ByteArrayOutputStream();
        try {
            ImageIO.write(ChartStyle.picture(chart), "png", png);
        } catch (IOException e) {
            throw new UncheckedIOException("the chart could not be encoded", e);
        }
        return "<img width=\""
                + chart.getWidth()
                + "\" alt=\""
                + HtmlTable.escape(chart.toString()).replace("\"", "&quot;")
                + "\" src=\"data:image/png;base64,"
                + Base64.getEncoder().encodeToString(png.toByteArray())
                + "\"/>";
    }
}
