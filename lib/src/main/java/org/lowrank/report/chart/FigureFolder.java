package org.lowrank.report.chart;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import javax.imageio.ImageIO;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.internal.chartpart.IChart;
import org.lowrank.experiment.spec.Profile;
import org.lowrank.report.MarkdownTable;
import org.lowrank.report.NumberColumns;
import tech.tablesaw.api.Table;

/**
 * Where a notebook leaves what it shows: {@code figures/PROFILE/NN_name.png} for charts, {@code
 * .csv} and {@code .md} for tables. Where the environment variable {@value #VARIABLE} names a
 * folder, as the commands set it for a run whose results are not to be kept, they lie in that
 * folder instead.
 */
public final class FigureFolder {

    public static final String VARIABLE = "LOWRANK_FIGURES";

    private final Path folder;
    private final Path kept;
    private final String prefix;
    private final Map<String, Integer> numbers = new HashMap<>();

    private FigureFolder(Path folder, Path kept, String prefix) {
        this.folder = folder;
        this.kept = kept;
        this.prefix = prefix;
    }

    /**
     * @param figures the folder of all figures, from a notebook {@code ../figures}
     * @param notebook the number of the notebook, for example {@code 01}
     */
    public static FigureFolder of(Path figures, Profile profile, String notebook)
            throws IOException {
        return in(figures.resolve(profile.toString()), System.getenv(VARIABLE), notebook);
    }

    static FigureFolder in(Path figures, String instead, String notebook) throws IOException {
        var folder = instead == null || instead.isBlank() ? figures : Path.of(instead);
        return new FigureFolder(Files.createDirectories(folder), figures, notebook + "_");
    }

    /** Where a file of this notebook lies. */
    public Path file(String name) {
        return folder.resolve(prefix + name).toAbsolutePath().normalize();
    }

    /**
     * Gives the chart its number, writes it at twice the density, and returns it, so that a cell
     * can end with it.
     */
    public <C extends IChart> C save(String name, C chart) throws IOException {
        int number = numbers.computeIfAbsent(name, n -> numbers.size() + 1);
        var before = "Figure " + prefix.replace("_", ".") + number + " · ";
        if (!chart.getTitle().startsWith("Figure ")) {
            if (chart instanceof Chart<?, ?> one) {
                one.setTitle(before + one.getTitle());
            } else if (chart instanceof Panels panels) {
                panels.setTitle(before + panels.getTitle());
            }
        }
        var file = folder.resolve(prefix + name + ".png");
        ImageIO.write(ChartStyle.picture(chart), "png", file.toFile());
        return chart;
    }

    /**
     * Writes the table and returns it, so that a cell can end with it; the numbers of a column get
     * digits alike.
     */
    public Table save(String name, Table table) throws IOException {
        NumberColumns.align(table);
        table.write().csv(folder.resolve(prefix + name + ".csv").toFile());
        Files.writeString(
                folder.resolve(prefix + name + ".md"),
                MarkdownTable.of(table),
                StandardCharsets.UTF_8);
        return table;
    }

    /**
     * A table that takes long to make: the one that was kept in the figures' folder of the profile,
     * or else what is made now and written.
     *
     * @param make makes the table
     */
    public Table recorded(String name, Callable<Table> make) throws Exception {
        for (var place : List.of(folder, kept)) {
            var file = place.resolve(prefix + name + ".csv");
            if (Files.exists(file)) {
                var table = Table.read().csv(file.toFile());
                table.setName(name);
                return table;
            }
        }
        return save(name, make.call());
    }
}
