package org.lowrank.report.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.knowm.xchart.XYChart;
import org.lowrank.diagnostics.Discrepancy;
import org.lowrank.diagnostics.GapAverages;
import org.lowrank.diagnostics.GradientGap;
import org.lowrank.diagnostics.GradientMonitor;
import org.lowrank.experiment.spec.Profile;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

class ChartsTest {

    @TempDir Path folder;

    private static GradientMonitor.Sample sample(long step, String path, double cosine) {
        var seen = new Discrepancy(2, 1, 2 * cosine);
        return new GradientMonitor.Sample(
                step, path, new GradientGap(seen, seen, new Discrepancy(2, 0, 0)));
    }

    private final List<GradientMonitor.Sample> samples =
            List.of(
                    sample(1, "encoder.layer.0.attention.self.query", 0.5),
                    sample(1, "encoder.layer.1.attention.self.query", 1),
                    sample(4, "encoder.layer.0.output.dense", 0.25),
                    sample(4, "encoder.layer.1.output.dense", 0.75));

    @Test
    void samplesAreAveragedByStepByKindAndByLayer() {
        var byStep = GapAverages.byStep(samples, gap -> gap.rule().cosine());
        assertEquals(Map.of(1L, 0.75, 4L, 0.5), byStep);
        var byKind = GapAverages.byKind(samples, gap -> gap.rule().cosine());
        assertEquals(Map.of("attention.self.query", 0.75, "output.dense", 0.5), byKind);
        var map = GapAverages.byLayerAndStep(samples, gap -> gap.rule().cosine());
        assertEquals(Map.of(1L, 0.5, 4L, 0.25), map.get(0));
        assertEquals(Map.of(1L, 1.0, 4L, 0.75), map.get(1));
    }

    @Test
    void anAngleThatDoesNotExistIsLeftOut() {
        assertTrue(GapAverages.byStep(samples, GradientGap::moveAngle).isEmpty());
    }

    @Test
    void aHeatMapIsDrawnAndUnequalRowsAreRefused() throws Exception {
        var rows = GapAverages.byLayerAndStep(samples, gap -> gap.rule().cosine());
        var chart = HeatMap.of("cosine", "step", "layer", rows, 0, 1);
        FigureFolder.of(folder, Profile.QUICK, "01").save("map", chart);
        var image = ImageIO.read(folder.resolve("quick/01_map.png").toFile());
        assertEquals(2 * 720, image.getWidth());
        assertEquals(0, image.getRGB(0, 0) >>> 24, "no background: it stands on dark pages too");
        assertEquals("Figure 01.1 · cosine", chart.getTitle());
        assertTrue(chart.toString().contains("values from 0.25 to 1"), chart.toString());
        SortedMap<Integer, SortedMap<Long, Double>> unequal = new TreeMap<>(rows);
        unequal.put(2, new TreeMap<>(Map.of(1L, 0.1)));
        assertThrows(
                IllegalArgumentException.class,
                () -> HeatMap.of("cosine", "step", "layer", unequal, 0, 1));
        var empty = new TreeMap<>(Map.of(1, new TreeMap<>(Map.of(1, Double.NaN))));
        var error =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> HeatMap.of("cosine", "step", "layer", empty, 0, 1));
        assertTrue(error.getMessage().contains("every place of 'cosine' is empty"));
    }

    @Test
    void aLineIsNamedAtItsEndAndToldInWords() {
        var chart =
                Curves.of("loss", "step", "nats")
                        .add("LoRA", List.of(1, 9), List.of(0.9, 0.5))
                        .add("AltLoRA", List.of(1, 9), List.of(0.8, Double.NaN))
                        .chart();
        assertEquals(720, chart.getWidth());
        var image = ChartStyle.picture(chart);
        assertEquals(720, chart.getWidth(), "drawing leaves the size as it is");
        assertTrue(hasColour(image, 600, ChartStyle.COLOURS.get(0)), "a label on the right");
        assertEquals(
                "loss. Lines of nats over step: LoRA from 0.9 at 1 to 0.5 at 9; AltLoRA from 0.8 at"
                        + " 1 to 0.8 at 1.",
                chart.toString());
    }

    @Test
    void aLineThatEndsAboveTheAxisIsNamedAtItsTopWithAnArrow() throws Exception {
        var curves =
                Curves.of("distance", "step", "|g̃ − g| / |g|")
                        .add("LoRA", List.of(1, 9), List.of(0.9, 0.5))
                        .add("rsLoRA", List.of(1, 9), List.of(1.9, 1.8));
        curves.chart().getStyler().setYAxisMax(1.0);
        var image = ChartStyle.picture(curves.chart());
        int top = highest(image, ChartStyle.COLOURS.get(1));
        assertTrue(top > 20 && top < 60, "below the title, at the top of the axis: " + top);
    }

    private static int highest(BufferedImage image, Color colour) {
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                if (image.getRGB(x, y) == colour.getRGB()) {
                    return y / ChartStyle.DENSITY;
                }
            }
        }
        return -1;
    }

    @Test
    void aLogarithmicAxisOfFewDecadesIsLabelledBetweenThemToo() {
        assertEquals(List.of("5", "10", "20", "", "50"), ticks(4, 64));
        assertEquals(List.of("", "10", "", "", ""), ticks(1, 10_000));
    }

    private static List<String> ticks(double low, double high) {
        var curves = Curves.of("t", "r", "ms").add("a", List.of(low, high), List.of(1, 2));
        var label =
                curves.logarithmicX().chart().getStyler().getXAxisTickLabelsFormattingFunction();
        return Stream.of(5.0, 10.0, 20.0, 30.0, 50.0).map(label).toList();
    }

    private static boolean hasColour(BufferedImage image, int fromX, Color colour) {
        for (int x = ChartStyle.DENSITY * fromX; x < image.getWidth(); x++) {
            for (int y = 0; y < image.getHeight(); y++) {
                if (image.getRGB(x, y) == colour.getRGB()) {
                    return true;
                }
            }
        }
        return false;
    }

    @Test
    void panelsAreAsLargeAsTheirChartsTogether() throws Exception {
        var charts = new ArrayList<XYChart>();
        for (int i = 0; i < 4; i++) {
            charts.add(
                    Curves.panel(200, 100, "m" + i, "x", "y")
                            .add("a", List.of(1, 2), List.of(3, 4))
                            .chart());
        }
        var panels = Panels.of("all", charts, 3, Map.of("a", Curves.COLOURS.get(0)));
        FigureFolder.of(folder, Profile.QUICK, "11").save("all", panels);
        var image = ImageIO.read(folder.resolve("quick/11_all.png").toFile());
        assertEquals(2 * 600, image.getWidth());
        assertEquals(2 * panels.getHeight(), image.getHeight());
        assertEquals("Figure 11.1 · all", panels.getTitle());
        var title = "a title that is longer than the one chart under it is wide";
        var one = Panels.of(title, charts.subList(0, 1), 3, Map.of());
        assertTrue(one.getWidth() > 300, "not cut: " + one.getWidth());
        assertThrows(
                IllegalArgumentException.class,
                () -> Panels.of("none", List.<XYChart>of(), 3, Map.of()));
    }

    @Test
    void aTableIsWrittenInBothForms() throws Exception {
        var table = Table.create("t", StringColumn.create("method", "LoRA"));
        FigureFolder.of(folder, Profile.CPU, "02").save("result", table);
        assertTrue(Files.readString(folder.resolve("cpu/02_result.csv")).contains("LoRA"));
        assertTrue(Files.readString(folder.resolve("cpu/02_result.md")).contains("LoRA"));
    }

    @Test
    void aLiveChartReplacesItsOwnBlockAndDoesNotDrawAllTheTime() {
        var shown = new ArrayList<String>();
        var updated = new ArrayList<String>();
        var live =
                LiveChart.inNotebook(
                        html -> {
                            shown.add(html);
                            return "block";
                        },
                        (id, html) -> updated.add(id));
        var curves = Curves.of("loss", "step", "nats").add("a", List.of(1, 2), List.of(1, 2));
        live.show(curves::chart);
        live.show(
                () -> {
                    throw new AssertionError("drawn again at once");
                });
        live.showNow(curves.chart());
        assertEquals(1, shown.size());
        assertTrue(
                shown.get(0).contains("<img width=\"720\" alt=\"loss. Lines of nats"),
                shown.get(0).substring(0, 80));
        assertEquals(List.of("block"), updated);
    }

    @Test
    void aLongTitleBesideLongNamesIsNotCut() {
        var curves =
                Curves.of(
                        "Figure 04.2 · Change of s·B·A·x in one step, at one rate for all widths",
                        "width n",
                        "rms change of an entry");
        for (var name : List.of("LoRA, gradient descent (2nd step)", "AltLoRA, B-step (1st)")) {
            curves.add(name, List.of(1, 2, 3), List.of(1.0, 2.0, 3.0));
        }
        var picture = ChartStyle.picture(curves.chart());
        int inked = 0;
        for (int y = 0; y < 60; y++) {
            for (int x = 0; x < 6; x++) {
                inked += picture.getRGB(x, y) == picture.getRGB(0, picture.getHeight() - 1) ? 0 : 1;
            }
        }
        assertEquals(0, inked, "something of the title is at the very edge");
        assertEquals(
                15f,
                Curves.of("short", "x", "y").chart().getStyler().getChartTitleFont().getSize2D());
    }
}
