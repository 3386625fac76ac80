package org.lowrank.pins;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.lowrank.config.Json;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.run.CellPlan;
import org.lowrank.experiment.run.Planner;
import org.lowrank.experiment.spec.RunConfig;
import org.lowrank.experiment.spec.SpecificationReader;
import org.tukaani.xz.XZInputStream;

/** The runs of the committed tables, and the lines of the committed records. */
final class RunNames {

    private RunNames() {}

    /** A table in one of its profiles; an empty profile is the file as it stands. */
    record Table(Path file, String profile) {

        String name() {
            return file.getFileName().toString().replace(".json", "");
        }

        @Override
        public String toString() {
            return name() + " " + (profile.isEmpty() ? "-" : profile);
        }

        Planner planner(RunFolder folder) throws IOException {
            return new Planner(SpecificationReader.read(file, profile), folder);
        }
    }

    static List<Table> tables() throws IOException {
        var tables = new ArrayList<Table>();
        for (var file : published()) {
            tables.add(new Table(file, ""));
            var profiles = Json.mapper().readTree(file.toFile()).path("profiles").fieldNames();
            profiles.forEachRemaining(profile -> tables.add(new Table(file, profile)));
        }
        return tables;
    }

    /** Where no record is. */
    static RunFolder empty() {
        return RunFolder.at(Path.of("target", "pins", "no-runs"));
    }

    /**
     * Every run that a table starts with, by name, and beside each rate of its search the runs that
     * would follow if it were chosen.
     */
    static Map<String, RunConfig> runs(Table table) throws IOException {
        var planner = table.planner(empty());
        var seeds = planner.grid().experiment().protocol().seeds();
        var runs = new LinkedHashMap<String, RunConfig>();
        for (var cell : planner.plan()) {
            cell.runs().forEach(run -> runs.put(run.hash(), run.config()));
            for (double rate : rates(cell)) {
                for (long seed : seeds) {
                    var config = cell.cell().config(rate, seed, RunConfig.Phase.evaluation);
                    runs.put(config.hash(), config);
                }
            }
        }
        return runs;
    }

    private static List<Double> rates(CellPlan cell) {
        return cell.runs().map(run -> run.config().training().learningRate()).distinct().toList();
    }

    /** One line a table and profile: how many runs, and a digest of their names. */
    static List<String> plans() throws IOException {
        var lines = new ArrayList<String>();
        for (var table : tables()) {
            lines.add(table + " " + summary(runs(table).keySet()));
        }
        return lines;
    }

    /** A run of every method of every table and profile in full, by name. */
    static Map<String, RunConfig> examples() throws IOException {
        var examples = new TreeMap<String, RunConfig>();
        for (var table : tables()) {
            for (var cell : table.planner(empty()).plan()) {
                var first = cell.runs().findFirst().orElseThrow();
                boolean known = examples.values().stream().anyMatch(c -> alike(c, first.config()));
                if (!known) {
                    examples.put(first.hash(), first.config());
                }
            }
        }
        return examples;
    }

    /** True if one of the two is example enough. */
    private static boolean alike(RunConfig one, RunConfig other) {
        return one.adapter().equals(other.adapter())
                && one.optimizer().equals(other.optimizer())
                && one.task().name().equals(other.task().name())
                && one.model().equals(other.model());
    }

    /** The folders of records. */
    static List<Path> archives() throws IOException {
        var folders = new ArrayList<Path>();
        for (var table : published()) {
            folders.add(records(table));
        }
        return folders;
    }

    /** The tables that have records: a new one is pinned once its results are there. */
    private static List<Path> published() throws IOException {
        return files(Pins.TABLES, "*.json").stream()
                .filter(table -> Files.isDirectory(records(table)))
                .toList();
    }

    private static Path records(Path table) {
        return Pins.FIGURES.resolve(table.getFileName().toString().replace(".json", ""));
    }

    /** The lines of every file of records of a folder, as they lie there. */
    static Map<Path, List<String>> lines(Path folder) throws IOException {
        var lines = new LinkedHashMap<Path, List<String>>();
        for (var file : files(folder, "*.jsonl.{gz,xz}")) {
            try (var raw = Files.newInputStream(file);
                    var packed =
                            file.toString().endsWith(".gz")
                                    ? new GZIPInputStream(raw)
                                    : new XZInputStream(raw);
                    var reader =
                            new BufferedReader(
                                    new InputStreamReader(packed, StandardCharsets.UTF_8))) {
                lines.put(file, reader.lines().toList());
            }
        }
        return lines;
    }

    /** One line a file of records: how many, and a digest of their names. */
    static List<String> records() throws IOException {
        var summaries = new ArrayList<String>();
        for (var folder : archives()) {
            for (var file : lines(folder).entrySet()) {
                var names = new ArrayList<String>();
                for (var line : file.getValue()) {
                    names.add(name(Json.mapper().readTree(line)));
                }
                summaries.add(Pins.FIGURES.relativize(file.getKey()) + " " + summary(names));
            }
        }
        return summaries;
    }

    static String name(JsonNode record) {
        return record.at("/run_info/hash").asText();
    }

    private static String summary(Collection<String> names) {
        return names.size() + " " + Pins.digest(names);
    }

    private static List<Path> files(Path folder, String glob) throws IOException {
        var files = new ArrayList<Path>();
        try (var all = Files.newDirectoryStream(folder, glob)) {
            all.forEach(files::add);
        }
        files.sort(null);
        return files;
    }
}
