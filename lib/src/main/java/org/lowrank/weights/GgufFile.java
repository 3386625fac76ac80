package org.lowrank.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * One GGUF file of version 2 or 3, little endian. Names, shapes (rows first) and values are as the
 * file has them: what an architecture did to its rows before they were written is the model's
 * business.
 */
public final class GgufFile implements TensorSource {

    private static final Pattern SHARD = Pattern.compile("(.*)-(\\d{5})-of-(\\d{5})\\.gguf");

    private final MappedFile file;
    private final GgufHeader header;

    private GgufFile(MappedFile file) throws IOException {
        this.file = file;
        header = GgufHeader.read(file);
    }

    /**
     * Opens a model: a file, and if its metadata say that it is one of several, all of them.
     *
     * @throws MalformedFileException if one of them is not a well-formed GGUF file, or is not there
     */
    public static TensorSource open(Path path) throws IOException {
        var file = openOne(path);
        try {
            return file.number("split.count", 1) == 1 ? file : file.withOthers();
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    @SuppressWarnings("resource") // the file is closed with this, or here on a refusal
    private static GgufFile openOne(Path path) throws IOException {
        var file = MappedFile.open(path);
        try {
            return new GgufFile(file);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** All files of the model of which this is one; the metadata stand in the first. */
    private TensorSource withOthers() throws IOException {
        long count = number("split.count", 1);
        var name = SHARD.matcher(file().getFileName().toString());
        if (!name.matches() || count != Long.parseLong(name.group(3))) {
            throw refusal(
                    "split.count",
                    "the model has "
                            + count
                            + " files, so this one should be named like"
                            + " model-00001-of-"
                            + String.format("%05d", count)
                            + ".gguf, for the others to be found");
        }
        var files = new LinkedHashMap<String, TensorSource>();
        var lacking = new LinkedHashMap<String, Path>();
        for (int i = 1; i <= count; i++) {
            var shard = String.format("%s-%05d-of-%05d.gguf", name.group(1), i, count);
            var path = file().resolveSibling(shard);
            if (path.equals(file())) {
                files.put(shard, this);
            } else if (Files.isRegularFile(path)) {
                files.put(shard, null);
            } else {
                lacking.put(shard, path);
            }
        }
        try {
            for (var entry : files.entrySet()) {
                if (entry.getValue() == null) {
                    entry.setValue(openOne(file().resolveSibling(entry.getKey())));
                }
            }
            return checked(files, lacking.keySet(), count);
        } catch (IOException | RuntimeException e) {
            for (var other : files.values()) {
                if (other != null) {
                    other.close();
                }
            }
            throw e;
        }
    }

    private TensorSource checked(Map<String, TensorSource> files, Set<String> lacking, long count)
            throws IOException {
        long found = files.values().stream().mapToLong(f -> f.names().size()).sum();
        long promised = number("split.tensors.count", lacking.isEmpty() ? found : -1);
        if (!lacking.isEmpty() || found != promised) {
            throw refusal(
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
        int number = 0;
        for (var file : files.values()) {
            var one = (GgufFile) file;
            if (one.number("split.no", -1) != number || one.number("split.count", 1) != count) {
                throw one.refusal(
                        "split.no",
                        String.format(
                                "should be file %d of %d by its name, but says %d of %d (counted"
                                        + " from 0)",
                                number,
                                count,
                                one.number("split.no", -1),
                                one.number("split.count", 1)));
            }
            number++;
        }
        return ShardedSource.of(files.values().iterator().next().file(), files);
    }

    private long number(String key, long absent) throws MalformedFileException {
        var value = header.metadata().getOrDefault(key, absent);
        if (value instanceof Long number) {
            return number;
        }
        throw refusal(key, "should be a whole number, but is " + value);
    }

    @Override
    public Path file() {
        return file.path();
    }

    @Override
    public Set<String> names() {
        return header.tensors().keySet();
    }

    @Override
    public Map<String, Object> metadata() {
        return header.metadata();
    }

    @Override
    public TensorInfo info(String name) throws IOException {
        return place(name).info();
    }

    @Override
    public ByteBuffer bytes(String name, long from, int count) throws IOException {
        var place = place(name);
        Elements.checkBytes(this, place.info(), from, count);
        return file.bytes(place.begin() + from, count);
    }

    private GgufHeader.Place place(String name) throws MalformedFileException {
        var place = header.tensors().get(name);
        if (place == null) {
            throw refusal(name, "there is no tensor of this name");
        }
        return place;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private MalformedFileException refusal(String field, String reason) {
        return new MalformedFileException(file.path(), field, reason);
    }
}
