package org.lowrank.experiment;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.lowrank.train.AtomicFile;

/**
 * The records of a table in one file of a folder, {@code records.jsonl.gz}: one record of JSON a
 * line, in the order of their names, packed (a tenth of the size). In this form results are
 * published. {@code zcat} shows them.
 */
public final class RecordArchive {

    private static final String FILE = "records.jsonl.gz";

    private RecordArchive() {}

    /**
     * Writes the file of a folder, whole or not at all; equal records give equal bytes.
     *
     * @return the file
     */
    public static Path write(Path folder, Collection<RunRecord> records) throws IOException {
        var file = folder.resolve(FILE);
        var sorted = records.stream().sorted(Comparator.comparing(RunRecord::hash)).toList();
        AtomicFile.write(
                file,
                out -> {
                    var packed = new GZIPOutputStream(out);
                    for (var record : sorted) {
                        packed.write((Json.line(record) + "\n").getBytes(StandardCharsets.UTF_8));
                    }
                    packed.finish();
                });
        return file;
    }

    /**
     * Refuses a folder that was named to be read and has no such file: without its records, all of
     * its runs would be done again.
     *
     * @param source what named the folder, for the message
     * @throws IllegalArgumentException if there is no file to read
     */
    public static void require(Path folder, String source) {
        if (!Files.isRegularFile(folder.resolve(FILE))) {
            throw new IllegalArgumentException(
                    source
                            + " names "
                            + folder.toAbsolutePath().normalize()
                            + ", "
                            + (Files.isDirectory(folder)
                                    ? "which has no " + FILE
                                    : "where there is no folder")
                            + "; name the folder of one table's records (table --out DIR writes"
                            + " them to DIR/NAME/"
                            + FILE
                            + "), or leave it out to do every run");
        }
    }

    /**
     * The records of a folder by their names; none if it has no such file.
     *
     * @throws UncheckedIOException if the file is damaged; the message says where
     */
    static Map<String, RunRecord> read(Path folder) {
        var file = folder.resolve(FILE);
        if (!Files.exists(file)) {
            return Map.of();
        }
        var records = new LinkedHashMap<String, RunRecord>();
        try (var packed = new GZIPInputStream(Files.newInputStream(file));
                var lines =
                        new BufferedReader(new InputStreamReader(packed, StandardCharsets.UTF_8))) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                var record = Json.mapper().readValue(line, RunRecord.class);
                records.put(record.hash(), record);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    file.toAbsolutePath()
                            + ": what follows record "
                            + records.size()
                            + " cannot be read ("
                            + e.getMessage()
                            + "); fetch the file anew, or move it away to have its runs done again",
                    e);
        }
        return Collections.unmodifiableMap(records);
    }
}
