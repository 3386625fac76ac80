package org.lowrank.report;

import java.awt.image.BufferedImage;
import org.dflib.jjava.jupyter.Extension;
import org.dflib.jjava.jupyter.kernel.BaseKernel;
import org.dflib.jjava.jupyter.kernel.display.Renderer;
import org.dflib.jjava.jupyter.kernel.display.mime.MIMEType;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.internal.chartpart.Chart;
import org.lowrank.engine.Machine;
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
                .register(
                        (chart, context) -> {
                            BufferedImage image = BitmapEncoder.getBufferedImage(chart);
                            context.renderIfRequested(
                                    MIMEType.IMAGE_PNG,
                                    () ->
                                            renderer.renderAs(image, "image/png")
                                                    .getData(MIMEType.IMAGE_PNG));
                            context.getOutputContainer()
                                    .putText(
                                            chart.getClass().getSimpleName()
                                                    + " \""
                                                    + chart.getTitle()
                                                    + "\"");
                        });
    }
}
