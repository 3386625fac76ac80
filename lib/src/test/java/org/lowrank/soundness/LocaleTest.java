package org.lowrank.soundness;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.knowm.xchart.BitmapEncoder;
import org.lowrank.experiment.record.Records;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.run.PlanPrinter;
import org.lowrank.experiment.run.Planner;
import org.lowrank.experiment.spec.SpecificationReader;
import org.lowrank.report.HtmlTable;
import org.lowrank.report.ResultFiles;
import org.lowrank.report.ResultFormat;
import org.lowrank.report.ResultTable;
import org.lowrank.report.chart.ResultCharts;

/** Every file and every line reads alike in every language of the machine. */
@Isolated("the locale is the whole process's")
class LocaleTest {

    private static final String TABLE =
            """
            {
              "name": "locale",
              "base": {"model": "mlp", "task": {"name": "spiral/small"}, "training": {"steps": 4}},
              "tasks": [{"label": "small"}],
              "methods": [{"label": "LoRA", "with": {"optimizer": {"name": "adamw"}}},
                          {"label": "LoRA-Pro", "with": {"optimizer": {"name": "lora_pro"}}}],
              "axes": {"adapter.rank": [2, 3]},
              "protocol": {"learning_rates": [0.00125, 0.01], "search_seeds": [9], "seeds": [0, 1],
                           "max_extensions": 0},
              "baseline": "LoRA"
            }
            """;

    /** A decimal fraction, or a number with a group sign or leading zeros. */
    private static final Pattern SHAPED_BY_LOCALE =
            Pattern.compile("\"[^\"]*(%[-+ 0,(]*\\d*(\\.\\d+)?[feg]\\b|%[-+]*[0,]\\d*d)");

    private static final int LINES_OF_A_CALL = 6;

    /** Format in one method of MemoryNeed, which names the locale. */
    private static final List<String> EXEMPT = List.of("MemoryNeed.java", "Activations.java");

    @TempDir private Path folder;

    private final Locale usual = Locale.getDefault();

    @AfterEach
    void back() {
        Locale.setDefault(usual);
    }

    @ParameterizedTest
    @ValueSource(strings = {"de-DE", "tr-TR", "ar-EG", "fr-FR", "hi-IN-u-nu-deva", "fa-IR"})
    void tablesPlansAndChartsAreTheSameBytes(String language) throws IOException {
        Locale.setDefault(Locale.ROOT);
        var plain = everything();
        Locale.setDefault(Locale.forLanguageTag(language));
        var here = everything();
        assertEquals(plain.keySet(), here.keySet());
        for (var name : plain.keySet()) {
            assertArrayEquals(plain.get(name), here.get(name), name);
        }
        assertTrue(plain.size() > 8, plain.keySet().toString());
    }

    /** Each file of a table by its name, and what commands print of it. */
    private TreeMap<String, byte[]> everything() throws IOException {
        var runs = RunFolder.at(folder.resolve("runs-" + Locale.getDefault()));
        var planner = new Planner(SpecificationReader.parse(TABLE, "", "t"), runs);
        Records.finish(
                planner,
                runs,
                run -> {
                    double rate = run.config().training().learningRate();
                    return Records.of(run.config(), 0.5 + rate, 0.5625 + run.config().seed() / 1e3);
                });
        var results = ResultTable.of(planner);
        var out = folder.resolve("out-" + Locale.getDefault());
        new ResultFiles(results).write(out, runs);
        var all = new TreeMap<String, byte[]>();
        try (Stream<Path> files = Files.walk(out)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                all.put(out.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        for (var chart : new ResultCharts(results).all().entrySet()) {
            var png = new ByteArrayOutputStream();
            ImageIO.write(BitmapEncoder.getBufferedImage(chart.getValue()), "png", png);
            all.put(chart.getKey(), png.toByteArray());
        }
        all.put("html", HtmlTable.of(new ResultFormat(results).detail()).getBytes());
        all.put("plan", PlanPrinter.print(planner, runs).getBytes());
        return all;
    }

    private static boolean isChecked(Path file) {
        return file.toString().endsWith(".java") && EXEMPT.stream().noneMatch(file::endsWith);
    }

    /**
     * Numbers in messages follow the locale unless it is named. (Whole numbers do in few languages;
     * commands, workers and kernels set the locale of their process.)
     */
    @Test
    void fractionsAreFormattedInNoLocale() throws IOException {
        var found = new ArrayList<String>();
        for (var root : List.of("src/main/java", "../environment/kernel/src/main/java")) {
            try (Stream<Path> files = Files.walk(Path.of(root))) {
                for (var file : files.filter(LocaleTest::isChecked).toList()) {
                    var lines = Files.readAllLines(file);
                    for (int i = 0; i < lines.size(); i++) {
                        var call = lines.subList(Math.max(0, i - LINES_OF_A_CALL), i + 1);
                        if (SHAPED_BY_LOCALE.matcher(lines.get(i)).find()
                                && call.stream().noneMatch(line -> line.contains("Locale.ROOT"))) {
                            found.add(file + ":" + (i + 1) + " " + lines.get(i).strip());
                        }
                    }
                }
            }
        }
        assertEquals(List.of(), found, "name Locale.ROOT");
    }
}
