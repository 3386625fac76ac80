package org.lowrank.cli;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import javax.imageio.ImageIO;
import org.knowm.xchart.XYChart;
import org.lowrank.report.ResultCharts;
import org.lowrank.report.ResultFiles;
import org.lowrank.report.ResultTable;
import org.lowrank.train.AtomicFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "table",
        description = "Prints a table from the records there are, or writes its files.",
        mixinStandardHelpOptions = true)
final class TableCommand implements Callable<Integer> {

    @Mixin private SpecificationOptions specification;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Write Markdown, LaTeX, CSV, charts and records there.")
    private Path out;

    @Override
    public Integer call() throws Exception {
        var results = ResultTable.of(specification.planner());
        var files = new ResultFiles(results);
        if (out == null) {
            System.out.print(files.markdown());
            return 0;
        }
        files.write(out, specification.folder()).forEach(System.out::println);
        var charts = new ResultCharts(results);
        for (var task : results.tasks()) {
            var start = results.experiment().name() + "_" + plain(task);
            save(charts.lossCurves(task), start + "_loss.png");
            save(charts.learningRateSweep(task), start + "_rates.png");
        }
        return 0;
    }

    private void save(XYChart chart, String name) throws IOException {
        if (!chart.getSeriesCollection().isEmpty()) {
            var file = out.resolve(name);
            var image =
                    new BufferedImage(
                            chart.getWidth(), chart.getHeight(), BufferedImage.TYPE_INT_RGB);
            chart.paint(image.createGraphics(), image.getWidth(), image.getHeight());
            AtomicFile.write(file, to -> ImageIO.write(image, "png", to));
            System.out.println(file);
        }
    }

    private static String plain(String label) {
        return label.replaceAll("[^A-Za-z0-9]+", "");
    }
}
