package org.lowrank.experiment.record;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.lowrank.config.FileNames;
import org.lowrank.config.Json;
import org.lowrank.engine.AtomicFile;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZInputStream;
import org.tukaani.xz.XZOutputStream;

/**
 * The records of a table in one folder, a file a task ({@code glue-cola.jsonl.xz}): one record of
 * JSON a line, in the order of their names, packed. In this form results are published; {@code
 * xzcat} shows them. Files of the same kind packed by gzip are read, not written.
 *
 * <p>Loss curves are kept to six significant digits, all else as it was. That and xz make a file a
 * quarter of what it is with 17 digits and gzip.
 */
public final class RecordArchive {

    private static final String EXTENSION = ".jsonl.xz";
    private static final MathContext CURVE = new MathContext(6);

    private RecordArchive() {}

    /**
     * Writes the files of the tasks that the records are of, each whole or not at all; equal
     * records give equal bytes. What is of other tasks stays as it is, and so does a task of which
     * every record lies there already, in whatever file.
     *
     * @return the files that were written
     * @throws UncheckedIOException if a file of the folder is damaged; the message says where
     */
    public static List<Path> write(Path folder, Collection<RunRecord> records) throws IOException {
        var byFile =
                records.stream()
                        .map(RecordArchive::published)
                        .sorted(Comparator.comparing(RunRecord::hash))
                        .collect(
                                Collectors.groupingBy(
                                        RecordArchive::fileName,
                                        TreeMap::new,
                                        Collectors.toList()));
        var there = read(folder);
        var written = new ArrayList<Path>();
        for (var entry : byFile.entrySet()) {
            if (entry.getValue().stream().allMatch(record -> isIn(there, record))) {
                continue;
            }
            var file = folder.resolve(entry.getKey());
            write(file, entry.getValue());
            written.add(file);
        }
        return written;
    }

    private static boolean isIn(Map<String, RunRecord> there, RunRecord published) {
        var known = there.get(published.hash());
        return known != null && published(known).equals(published);
    }

    private static void write(Path file, List<RunRecord> records) throws IOException {
        AtomicFile.write(
                file,
                out -> {
                    var packed = new XZOutputStream(out, new LZMA2Options());
                    for (var record : records) {
                        var line = Json.line(record) + "\n";
                        packed.write(line.getBytes(StandardCharsets.UTF_8));
                    }
                    packed.finish();
                });
    }

    private static String fileName(RunRecord record) {
        return FileNames.of(record.runInfo().config().task().name()) + EXTENSION;
    }

    private static RunRecord published(RunRecord record) {
        var curve =
                record.trainInfo().metrics().stream()
                        .map(
                                point ->
                                        new RunRecord.Point(
                                                point.step(),
                                                rounded(point.loss()),
                                                rounded(point.learningRate()),
                                                rounded(point.gradientNorm())))
                        .toList();
        return record.withMetrics(curve);
    }

    private static double rounded(double value) {
        return Double.isFinite(value) ? new BigDecimal(value).round(CURVE).doubleValue() : value;
    }

    /**
     * Refuses a folder that was named to be read and has no records: all of its runs would be done
     * again.
     *
     * @param source what named the folder, for the message
     * @throws IllegalArgumentException if there is no file to read
     */
    public static void require(Path folder, String source) {
        if (files(folder).isEmpty()) {
            throw new IllegalArgumentException(
                    source
                            + " names "
                            + folder.toAbsolutePath().normalize()
                            + ", "
                            + (Files.isDirectory(folder)
                                    ? "which has no *.jsonl.xz or *.jsonl.gz"
                                    : "where there is no folder")
                            + "; name the folder of one table's records (table --out DIR writes"
                            + " them to DIR/NAME/TASK"
                            + EXTENSION
                            + "), or leave it out to do every run");
        }
    }

    /**
     * The records of a folder by their names; none if it has no files of records.
     *
     * @throws UncheckedIOException if a file is damaged; the message says where
     */
    static Map<String, RunRecord> read(Path folder) {
        var records = new LinkedHashMap<String, RunRecord>();
        files(folder).forEach(file -> read(file, records));
        return Collections.unmodifiableMap(records);
    }

    /**
     * What can be read of a folder's records, by their names.
     *
     * @param leftOut is told what cannot, a sentence a file
     */
    static Map<String, RunRecord> readable(Path folder, List<String> leftOut) {
        var records = new LinkedHashMap<String, RunRecord>();
        for (var file : files(folder)) {
            try {
                read(file, records);
            } catch (UncheckedIOException e) {
                leftOut.add(e.getMessage());
            }
        }
        return Collections.unmodifiableMap(records);
    }

    private static void read(Path file, Map<String, RunRecord> records) {
        int count = 0;
        try (var raw = Files.newInputStream(file);
                var packed =
                        file.toString().endsWith(".gz")
                                ? new GZIPInputStream(raw)
                                : new XZInputStream(raw);
                var lines =
                        new BufferedReader(new InputStreamReader(packed, StandardCharsets.UTF_8))) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                var record = Json.mapper().readValue(line, RunRecord.class);
                records.put(record.hash(), record);
                count++;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    ("%s: what follows record %s cannot be read (%s); fetch the file anew, or"
                                    + " move it away to have its runs done again")
                            .formatted(file.toAbsolutePath(), count, e.getMessage()),
                    e);
        }
    }

    private static List<Path> files(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var all = Files.newDirectoryStream(folder, "*.jsonl.{xz,gz}")) {
            var files = new ArrayList<Path>();
            all.forEach(files::add);
            Collections.sort(files);
            return files;
        } catch (IOException e) {
            throw new UncheckedIOException(folder.toAbsolutePath() + " cannot be listed", e);
        }
    }
}
