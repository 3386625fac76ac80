package org.lowrank.kernel;

import com.google.gson.Gson;
import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import io.github.spencerpark.jupyter.kernel.display.RenderContext;
import io.github.spencerpark.jupyter.kernel.display.Renderer;
import io.github.spencerpark.jupyter.kernel.display.common.Image;
import io.github.spencerpark.jupyter.kernel.display.common.Text;
import io.github.spencerpark.jupyter.kernel.display.common.Url;
import io.github.spencerpark.jupyter.kernel.display.mime.MIMEType;
import java.awt.image.BufferedImage;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Pictures of values: the base library's, and of tables and charts that come with the notebook's
 * class path.
 *
 * <p>The text form of a picture says the same in every run: no hash codes.
 */
final class ValueRenderer {

    private static final Gson GSON = new Gson();

    private final Renderer renderer;
    private final Set<Class<?>> seen = new HashSet<>();

    ValueRenderer(Renderer renderer) {
        this.renderer = renderer;
        Image.registerAll(renderer);
        Text.registerAll(renderer);
        Url.registerAll(renderer);
        renderer.createRegistration(Map.class)
                .preferring(MIMEType.TEXT_PLAIN)
                .supporting(MIMEType.APPLICATION_JSON)
                .register(
                        (map, context) ->
                                context.renderIfRequested(
                                        MIMEType.APPLICATION_JSON, () -> GSON.toJsonTree(map)));
    }

    DisplayData render(Object value) {
        if (value instanceof DisplayData data) {
            return data;
        }
        learn(value);
        return withStableText(value, renderer.render(value));
    }

    DisplayData renderAs(Object value, String... types) {
        learn(value);
        return withStableText(value, renderer.renderAs(value, types));
    }

    /**
     * Notebook classes have loaders of their own, so the renderer hears of a class when the first
     * value comes.
     */
    private synchronized void learn(Object value) {
        if (value == null || !seen.add(value.getClass())) {
            return;
        }
        if (TablesawTable.of(value).isPresent()) {
            renderer.createRegistration(value.getClass())
                    .preferring(MIMEType.TEXT_HTML)
                    .supporting(MIMEType.TEXT_PLAIN)
                    .register(ValueRenderer::renderTable);
        } else if (XChartImage.of(value).isPresent()) {
            renderer.createRegistration(value.getClass())
                    .preferring(MIMEType.IMAGE_PNG)
                    .supporting(MIMEType.TEXT_PLAIN)
                    .register(this::renderChart);
        }
    }

    private static void renderTable(Object value, RenderContext context) {
        TablesawTable table = TablesawTable.of(value).orElseThrow();
        context.renderIfRequested(MIMEType.TEXT_HTML, table::toHtml);
    }

    private void renderChart(Object value, RenderContext context) {
        XChartImage chart = XChartImage.of(value).orElseThrow();
        context.renderIfRequested(
                MIMEType.IMAGE_PNG,
                () -> renderer.renderAs(chart.toImage(), "image/png").getData(MIMEType.IMAGE_PNG));
        context.getOutputContainer().putText(chart.description());
        context.getOutputContainer().putMetaData("image/png", chart.metadata());
    }

    private static DisplayData withStableText(Object value, DisplayData data) {
        if (value instanceof BufferedImage image) {
            data.putText("image, " + image.getWidth() + " x " + image.getHeight());
        } else if (String.valueOf(value).equals(data.getData(MIMEType.TEXT_PLAIN))) {
            data.putText(ValueText.of(value));
        }
        return data;
    }
}
