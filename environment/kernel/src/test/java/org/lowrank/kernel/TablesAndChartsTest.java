package org.lowrank.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import io.github.spencerpark.jupyter.kernel.display.mime.MIMEType;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.util.Arrays;
import java.util.Base64;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TablesAndChartsTest {

    private static final String CHART =
            """
            var chart = new org.knowm.xchart.XYChartBuilder().width(320).height(200).title("Loss").build();
            chart.addSeries("LoRA", new double[] {1, 2, 3}, new double[] {0.9, 0.5, 0.4});
            chart
            """;

    private static TestKernel kernel;

    @BeforeAll
    static void start() throws Exception {
        kernel = new TestKernel();
        kernel.run("import tech.tablesaw.api.*;");
    }

    @AfterAll
    static void stop() {
        kernel.close();
    }

    @Test
    void aTableIsAnHtmlTableWithItsNumbersOnTheRight() throws Exception {
        DisplayData data =
                kernel.run(
                        "Table.create(\"Scores\", StringColumn.create(\"method\", \"LoRA <r=8>\", \"A&B\"),\n"
                                + "    DoubleColumn.create(\"accuracy\", 0.5, 0.25))");
        assertEquals(
                """
                <table>
                <caption style="min-width: 5em">Scores</caption>
                <thead>
                <tr><th align="left" style="text-align: left">method</th>\
                <th align="right" style="text-align: right">accuracy</th></tr>
                </thead>
                <tbody>
                <tr><td align="left" style="text-align: left">LoRA &lt;r=8&gt;</td>\
                <td align="right" style="text-align: right">0.5</td></tr>
                <tr><td align="left" style="text-align: left">A&amp;B</td>\
                <td align="right" style="text-align: right">0.25</td></tr>
                </tbody>
                </table>""",
                data.getData(MIMEType.TEXT_HTML));
        String text = TestKernel.text(data);
        assertTrue(text.contains("LoRA <r=8>") && text.contains("accuracy"), text);
    }

    @Test
    void aTableKeepsItsFormatsAndMissingValuesAreEmpty() throws Exception {
        String html =
                html(
                        "var c = DoubleColumn.create(\"loss\", 1.23456, Double.NaN);\n"
                                + "c.setPrintFormatter(tech.tablesaw.columns.numbers.NumberColumnFormatter.fixedWithGrouping(2));\n"
                                + "Table.create(c)");
        assertTrue(html.contains(">1.23</td>") && html.contains("></td>"), html);
    }

    @Test
    void numbersThatWereFormattedAsTextAreOnTheRightToo() throws Exception {
        String html =
                html(
                        "Table.create(StringColumn.create(\"accuracy\", \"0.56 ± 0.01\", \"−1.2\", \"not reached\"),\n"
                                + "    StringColumn.create(\"version\", \"v2\", \"v3\", \"3\"))");
        assertTrue(
                html.contains("<td align=\"right\" style=\"text-align: right\">not reached"), html);
        assertTrue(html.contains("<td align=\"left\" style=\"text-align: left\">v2"), html);
    }

    @Test
    void aLongTableEndsWithItsNumberOfRows() throws Exception {
        String html = html("Table.create(IntColumn.indexColumn(\"i\", 200, 1))");
        assertEquals(50, html.split("<td ", -1).length - 1);
        assertTrue(html.endsWith("<p>50 of 200 rows</p>"), html);
    }

    private static String html(String code) throws Exception {
        return (String) kernel.run(code).getData(MIMEType.TEXT_HTML);
    }

    @Test
    void displayAndRenderKnowTablesToo() throws Exception {
        assertNull(kernel.run("display(Table.create(IntColumn.create(\"n\", 1)));"));
        DisplayData shown = ((Output.Display) kernel.pictures().get(0)).data();
        assertTrue(shown.hasDataForType(MIMEType.TEXT_HTML));
        DisplayData text =
                kernel.run("render(Table.create(IntColumn.create(\"n\", 1)), \"text/plain\")");
        assertFalse(text.hasDataForType(MIMEType.TEXT_HTML));
    }

    @Test
    void aChartIsAPngOfTwiceItsSizeWithAStableText() throws Exception {
        DisplayData data = kernel.run(CHART);
        BufferedImage image = image(data);
        assertEquals(640, image.getWidth());
        assertEquals(400, image.getHeight());
        assertTrue(colours(image) > 3, "the chart is drawn");
        assertEquals("XYChart \"Loss\"", TestKernel.text(data));
        assertEquals(
                data.getData(MIMEType.IMAGE_PNG), kernel.run(CHART).getData(MIMEType.IMAGE_PNG));
    }

    @Test
    void aChartThatSaysWhatItShowsIsSaidSo() throws Exception {
        DisplayData data =
                kernel.run(
                        """
                        class Told extends org.knowm.xchart.XYChart {
                            Told() { super(320, 200); addSeries("LoRA", new double[] {1, 2}); }
                            @Override public String toString() { return "LoRA from 1 to 2"; }
                        }
                        new Told()
                        """);
        assertEquals("LoRA from 1 to 2", TestKernel.text(data));
        assertTrue(data.hasDataForType(MIMEType.IMAGE_PNG));
    }

    @Test
    void anImageHasAStableText() throws Exception {
        DisplayData data =
                kernel.run(
                        "new java.awt.image.BufferedImage(30, 20, java.awt.image.BufferedImage.TYPE_INT_RGB)");
        assertEquals("image, 30 x 20", TestKernel.text(data));
        assertEquals(30, image(data).getWidth());
    }

    private static BufferedImage image(DisplayData data) throws Exception {
        String png = ((String) data.getData(MIMEType.IMAGE_PNG)).replaceAll("\\s", "");
        return ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(png)));
    }

    private static long colours(BufferedImage image) {
        return Arrays.stream(
                        image.getRGB(
                                0,
                                0,
                                image.getWidth(),
                                image.getHeight(),
                                null,
                                0,
                                image.getWidth()))
                .distinct()
                .count();
    }
}
