package org.lowrank.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import javax.imageio.ImageIO;
import org.lowrank.engine.AtomicFile;
import org.lowrank.report.ResultFiles;
import org.lowrank.report.ResultTable;
import org.lowrank.report.chart.ChartStyle;
import org.lowrank.report.chart.ResultCharts;
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
        results.leftOut().forEach(why -> System.err.println("left out: " + why));
        files.write(out, specification.folder()).forEach(System.out::println);
        for (var chart : new ResultCharts(results).all().entrySet()) {
            var name = results.experiment().name() + "_" + chart.getKey() + ".png";
            var image = ChartStyle.picture(chart.getValue());
            AtomicFile.write(out.resolve(name), to -> ImageIO.write(image, "png", to));
            System.out.println(out.resolve(name));
        }
        return 0;
    }
}
