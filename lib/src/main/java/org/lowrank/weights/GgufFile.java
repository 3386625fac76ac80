package org.lowrank.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Opens GGUF files of version 2 or 3, little endian. Names, shapes (rows first) and values are as
 * the file has them: what an architecture did to its rows before they were written is the model's
 * business.
 */
public final class GgufFile {

    private static final Pattern SHARD = Pattern.compile("(.*)-(\\d{5})-of-(\\d{5})\\.gguf");

    private GgufFile() {}

    /**
     * Opens a model: a file, and if its metadata say that it is one of several, all of them.
     *
     * @throws MalformedFileException if one of them is not a well-formed GGUF file, or is not there
     */
    public static TensorSource open(Path path) throws IOException {
        var file = openOne(path);
        try {
            return number(file, "split.count", 1) == 1 ? file : withOthers(file);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static TensorSource openOne(Path path) throws IOException {
        return MappedTensors.open(
                path,
                file -> {
                    var header = GgufHeader.read(file);
                    return new MappedTensors(path, file, header.tensors(), header.metadata());
                });
    }

    /** All files of the model of which this is one; the metadata stand in the first. */
    private static TensorSource withOthers(TensorSource one) throws IOException {
        long count = number(one, "split.count", 1);
        var name = SHARD.matcher(one.file().getFileName().toString());
        if (!name.matches() || count != Long.parseLong(name.group(3))) {
            throw refusal(
                    one,
                    "split.count",
                    String.format(
                            Locale.ROOT,
                            "the model has %d files, so this one should be named like"
                                    + " model-00001-of-%05d.gguf, for the others to be found",
                            count,
                            count));
        }
        var files = new LinkedHashMap<String, TensorSource>();
        var lacking = new TreeSet<String>();
        try {
            for (int i = 1; i <= count; i++) {
                var shard =
                        String.format(Locale.ROOT, "%s-%05d-of-%05d.gguf", name.group(1), i, count);
                var path = one.file().resolveSibling(shard);
                if (path.equals(one.file())) {
                    files.put(shard, one);
                } else if (Files.isRegularFile(path)) {
                    files.put(shard, openOne(path));
                } else {
                    lacking.add(shard);
                }
            }
            checkWhole(one, files, lacking, count);
            checkNumbers(files, count);
            return ShardedSource.of(files.values().iterator().next().file(), files);
        } catch (IOException | RuntimeException e) {
            for (var file : files.values()) {
                file.close();
            }
            throw e;
        }
    }

    private static void checkWhole(
            TensorSource one, Map<String, TensorSource> files, TreeSet<String> lacking, long count)
            throws IOException {
        long found = files.values().stream().mapToLong(file -> file.names().size()).sum();
        long promised = number(one, "split.tensors.count", lacking.isEmpty() ? found : -1);
        if (!lacking.isEmpty() || found != promised) {
            throw refusal(
                    one,
                    "split.count",
                    String.format(
                            "the model has %d files and %s tensors, but %s; found are %d tensors in"
                                    + " %d files",
                            count,
                            promised < 0 ? "more" : promised,
                            lacking.isEmpty()
                                    ? "the files do not hold as many"
                                    : "not there: " + String.join(", ", lacking),
                            found,
                            files.size()));
        }
    }

    private static void checkNumbers(Map<String, TensorSource> files, long count)
            throws MalformedFileException {
        int number = 0;
        for (var file : files.values()) {
            long says = number(file, "split.no", -1);
            long of = number(file, "split.count", 1);
            if (says != number || of != count) {
                throw refusal(
                        file,
                        "split.no",
                        String.format(
                                "should be file %d of %d by its name, but says %d of %d (counted"
                                        + " from 0)",
                                number, count, says, of));
            }
            number++;
        }
    }

    private static long number(TensorSource file, String key, long absent)
            throws MalformedFileException {
        var value = file.metadata().getOrDefault(key, absent);
        if (value instanceof Long number) {
            return number;
        }
        throw refusal(file, key, "should be a whole number, but is " + value);
    }

    private static MalformedFileException refusal(TensorSource file, String field, String reason) {
        return new MalformedFileException(file.file(), field, reason);
    }
}
