package org.lowrank.report.chart;

import java.util.Map;
import org.dflib.jjava.jupyter.Extension;
import org.dflib.jjava.jupyter.kernel.BaseKernel;
import org.dflib.jjava.jupyter.kernel.display.RenderContext;
import org.dflib.jjava.jupyter.kernel.display.Renderer;
import org.dflib.jjava.jupyter.kernel.display.mime.MIMEType;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.internal.chartpart.IChart;
import org.lowrank.engine.Machine;
import org.lowrank.report.HtmlTable;
import tech.tablesaw.table.Relation;

/**
 * Tables and charts as last values on JJava, as this kit's kernel shows them: a table as HTML, a
 * chart as PNG.
 *
 * <p>JJava installs it when the library comes onto a notebook's class path. Nothing else refers to
 * it, so JJava's classes are needed nowhere but there.
 */
public final class JJavaPictures implements Extension {

    @Override
    public void install(BaseKernel kernel) {
        Machine.writePlainNumbers();
        Renderer renderer = kernel.getRenderer();
        renderer.createRegistration(Relation.class)
                .preferring(MIMEType.TEXT_HTML)
                .supporting(MIMEType.TEXT_PLAIN)
                .register(
                        (table, context) ->
                                context.renderIfRequested(
                                        MIMEType.TEXT_HTML, () -> HtmlTable.of(table)));
        renderer.createRegistration(Chart.class)
                .preferring(MIMEType.IMAGE_PNG)
                .supporting(MIMEType.TEXT_PLAIN)
                .register((chart, context) -> show(chart, renderer, context));
        renderer.createRegistration(Panels.class)
                .preferring(MIMEType.IMAGE_PNG)
                .supporting(MIMEType.TEXT_PLAIN)
                .register((panels, context) -> show(panels, renderer, context));
    }

    private static void show(IChart chart, Renderer renderer, RenderContext context) {
        var image = ChartStyle.picture(chart);
        context.renderIfRequested(
                MIMEType.IMAGE_PNG,
                () -> renderer.renderAs(image, "image/png").getData(MIMEType.IMAGE_PNG));
        var own = chart.toString();
        boolean told = !own.startsWith(chart.getClass().getName() + "@");
        var words = told ? own : chart.getClass().getSimpleName() + " \"" + chart.getTitle() + "\"";
        context.getOutputContainer().putText(words);
        context.getOutputContainer()
                .putMetaData(
                        "image/png",
                        Map.of(
                                "width", chart.getWidth(),
                                "height", chart.getHeight(),
                                "alt", words));
    }
}
