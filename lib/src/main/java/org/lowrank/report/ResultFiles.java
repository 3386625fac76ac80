package org.lowrank.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.lowrank.engine.AtomicFile;
import org.lowrank.experiment.record.RecordArchive;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.spec.Rates;

/**
 * The files of a result table: {@code NAME.md} and {@code NAME.tex} to read, {@code NAME.csv} with
 * every number, and the records, each file with the names of the records it came from.
 */
public final class ResultFiles {

    /** A half file that was not touched for so long is a killed process's; another may write. */
    private static final Duration KILLED = Duration.ofMinutes(10);

    private final ResultTable results;
    private final ResultFormat format;

    public ResultFiles(ResultTable results) {
        this.results = results;
        format = new ResultFormat(results);
    }

    /**
     * Writes all files.
     *
     * @param folder for example {@code figures}
     * @param runs where the records are; they are copied to the {@link RecordArchive} of {@code
     *     FOLDER/NAME}, a folder that {@link RunFolder#withArchive} reads
     * @return what was written
     */
    public List<Path> write(Path folder, RunFolder runs) throws IOException {
        var name = results.experiment().name();
        AtomicFile.removeLeftovers(folder, name, KILLED);
        AtomicFile.removeLeftovers(folder.resolve(name), "", KILLED);
        var written = new ArrayList<Path>();
        written.add(write(folder.resolve(name + ".md"), markdown()));
        written.add(write(folder.resolve(name + ".tex"), latex()));
        written.add(write(folder.resolve(name + ".csv"), csv()));
        var records = results.hashes().stream().map(hash -> runs.record(hash).orElseThrow());
        written.addAll(RecordArchive.write(folder.resolve(name), records.toList()));
        return written;
    }

    /** The table to read, the table of all numbers, notes, sources, records. */
    public String markdown() {
        var text = new StringBuilder("# " + results.experiment().title() + "\n\n");
        text.append(MarkdownTable.of(format.wide())).append('\n');
        notes().forEach(note -> text.append("- ").append(note).append('\n'));
        var sources = format.citations();
        for (int i = 0; i < sources.size(); i++) {
            text.append("- [").append(i + 1).append("] ").append(sources.get(i)).append('\n');
        }
        format.paperNotes().forEach(note -> text.append("- ").append(note).append('\n'));
        leftOut().forEach(note -> text.append("- ").append(note).append('\n'));
        var detail = format.detail();
        detail.removeColumns("records");
        text.append("\n## All numbers\n\n").append(MarkdownTable.of(detail));
        text.append("\n## Records\n\n").append(String.join(" ", results.hashes()));
        return text.append('\n').toString();
    }

    /** What a reader must know to read the table. */
    private List<String> notes() {
        var experiment = results.experiment();
        var protocol = experiment.protocol();
        var notes = new ArrayList<String>();
        var profile = results.profile().isEmpty() ? "" : " Profile: " + results.profile() + ".";
        notes.add(
                "Test split, after the last step, in per cent; mean ± standard deviation over the"
                        + " seeds "
                        + protocol.seeds()
                        + "."
                        + profile);
        var losses =
                results.cells().stream()
                        .filter(ResultCell::isLoss)
                        .map(ResultCell::metric)
                        .distinct()
                        .toList();
        if (!losses.isEmpty()) {
            notes.add(
                    String.join(", ", losses)
                            + ": as it is, not in per cent; the smaller the better, and "
                            + results.nameOfUntaught()
                            + " is the model as it came.");
        }
        notes.add(
                switch (protocol.kind()) {
                    case fixed -> fixedRates();
                    case tuned ->
                            "Learning rate of each method and task chosen on a validation split cut"
                                    + " from the training data, from "
                                    + grids()
                                    + searchMetrics()
                                    + " with search seeds "
                                    + protocol.searchSeeds()
                                    + (protocol.searchTrainRows() == 0
                                            ? ""
                                            : " on " + protocol.searchTrainRows() + " rows")
                                    + "; up to "
                                    + protocol.maxExtensions()
                                    + " more rates where the best sat at an edge. "
                                    + ResultFormat.AT_EDGE
                                    + " marks a best rate that still does.";
                });
        if (results.nameOfUntaught().equals(ResultTable.MAJORITY)) {
            notes.add(
                    ResultTable.MAJORITY
                            + ": always the most frequent class of the training data. One-class:"
                            + " runs that said one class for every test row.");
        }
        if (experiment.baseline() != null) {
            notes.add(
                    "Differences are to "
                            + experiment.baseline()
                            + ", paired by seed, with 95 % t intervals and bootstrap intervals over"
                            + " seeds.");
        }
        if (!format.citations().isEmpty()) {
            notes.add(
                    "Papers: their own models and settings, shown beside ours, not a target for"
                            + " them. "
                            + ResultFormat.OTHER_METRIC
                            + " marks a number of another metric than ours.");
        }
        results.unusedReferences()
                .forEach(
                        id ->
                                notes.add(
                                        "No number of "
                                                + id
                                                + " belongs to a cell of this table."));
        return notes;
    }

    private List<String> leftOut() {
        return results.leftOut().stream()
                .map(why -> "Left out: " + why.replace('\n', ' '))
                .toList();
    }

    private String fixedRates() {
        var rates = results.experiment().protocol().learningRates();
        return rates.isEmpty()
                ? "Each learning rate is a row of its own."
                : (ownRates() ? "One rate for each method, not tuned: " : "One rate for all: ")
                        + grids()
                        + ".";
    }

    private boolean ownRates() {
        return results.experiment().methods().stream().anyMatch(m -> m.learningRates() != null);
    }

    /** The protocol's grid and those of the methods that bring their own. */
    /** By what rates were chosen, where that is another metric than the table's. */
    private String searchMetrics() {
        var others =
                results.experiment().tasks().stream()
                        .filter(task -> task.searchMetric() != null)
                        .map(task -> task.label() + " by " + task.searchMetric())
                        .toList();
        return others.isEmpty() ? "" : " (" + String.join(", ", others) + ")";
    }

    private String grids() {
        var text = new StringBuilder(rates(results.experiment().protocol().learningRates()));
        for (var method : results.experiment().methods()) {
            if (method.learningRates() != null) {
                text.append(", ").append(method.label()).append(' ');
                text.append(rates(method.learningRates()));
            }
        }
        return text.toString();
    }

    private static String rates(List<Double> rates) {
        return rates.stream().map(Rates::text).toList().toString();
    }

    /** The table to read, for LaTeX; sources, notes and records as comments. */
    public String latex() {
        var table = format.wide();
        var text = new StringBuilder("% " + results.experiment().title() + "\n");
        notes().forEach(note -> text.append("% ").append(note).append('\n'));
        for (int i = 0; i < format.citations().size(); i++) {
            text.append("% [" + (i + 1) + "] " + format.citations().get(i) + "\n");
        }
        leftOut().forEach(note -> text.append("% ").append(note).append('\n'));
        text.append("% records: ").append(String.join(" ", results.hashes())).append('\n');
        text.append("\\begin{tabular}{l").append("r".repeat(table.columnCount() - 1));
        text.append("}\n\\hline\n");
        row(text, table.columnNames());
        text.append("\\hline\n");
        for (int i = 0; i < table.rowCount(); i++) {
            int index = i;
            row(text, table.columns().stream().map(c -> c.getString(index)).toList());
        }
        return text.append("\\hline\n\\end{tabular}\n").toString();
    }

    private static void row(StringBuilder text, List<String> cells) {
        text.append(String.join(" & ", cells.stream().map(ResultFiles::escape).toList()));
        text.append(" \\\\\n");
    }

    static String escape(String cell) {
        return cell.replace("\\", "\\textbackslash ")
                .replaceAll("[{}$]", "\\\\$0")
                .replace("^", "\\textasciicircum{}")
                .replace("~", "\\textasciitilde{}")
                .replace("%", "\\%")
                .replace("&", "\\&")
                .replace("_", "\\_")
                .replace("#", "\\#")
                .replace("±", "$\\pm$")
                .replace(ResultFormat.AT_EDGE, "$\\updownarrow$")
                .replace(ResultFormat.OTHER_METRIC, "$\\dagger$");
    }

    /** Every number of every cell, with the records of each. */
    public String csv() {
        return format.detail().write().toString("csv");
    }

    private static Path write(Path file, String text) throws IOException {
        AtomicFile.write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
        return file;
    }
}
