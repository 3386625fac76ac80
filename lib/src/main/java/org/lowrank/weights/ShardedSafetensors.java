package org.lowrank.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A model in several safetensors files, bound together by {@code model.safetensors.index.json},
 * whose {@code weight_map} names the file of every tensor.
 */
public final class ShardedSafetensors implements TensorSource {

    /** The name of a model in one file. */
    public static final String SINGLE = "model.safetensors";

    /** The name of the index of a model in several files. */
    public static final String INDEX = "model.safetensors.index.json";

    private final Path index;
    private final Map<String, SafetensorsFile> fileOfTensor;
    private final Map<String, SafetensorsFile> files;

    private ShardedSafetensors(
            Path index,
            Map<String, SafetensorsFile> fileOfTensor,
            Map<String, SafetensorsFile> files) {
        this.index = index;
        this.fileOfTensor = fileOfTensor;
        this.files = files;
    }

    /**
     * Opens the model of a folder, in one file or in several.
     *
     * @throws IOException if the folder holds neither, or what it holds is damaged
     */
    public static TensorSource openFolder(Path folder) throws IOException {
        if (Files.exists(folder.resolve(SINGLE))) {
            return SafetensorsFile.open(folder.resolve(SINGLE));
        }
        if (Files.exists(folder.resolve(INDEX))) {
            return open(folder.resolve(INDEX));
        }
        throw new MalformedFileException(
                folder, "folder", "holds neither " + SINGLE + " nor " + INDEX);
    }

    /**
     * Opens the files that an index names, which must lie beside it, and checks that each holds the
     * tensors that the index promises.
     *
     * @throws MalformedFileException if the index or a file is damaged
     */
    public static ShardedSafetensors open(Path index) throws IOException {
        var map = StrictJson.readObject(index).get("weight_map");
        if (map == null || !map.isObject()) {
            throw new MalformedFileException(index, "weight_map", "must be a JSON object");
        }
        var files = new LinkedHashMap<String, SafetensorsFile>();
        try {
            var fileOfTensor = new LinkedHashMap<String, SafetensorsFile>();
            for (var entry : map.properties()) {
                var field = "weight_map." + entry.getKey();
                if (!entry.getValue().isTextual()) {
                    throw new MalformedFileException(index, field, "must be the name of a file");
                }
                var file = shard(index, field, entry.getValue().textValue(), files);
                if (!file.names().contains(entry.getKey())) {
                    throw new MalformedFileException(
                            index, field, entry.getValue() + " holds no tensor of this name");
                }
                fileOfTensor.put(entry.getKey(), file);
            }
            refuseUnlisted(index, fileOfTensor.keySet(), files);
            return new ShardedSafetensors(index, fileOfTensor, files);
        } catch (IOException | RuntimeException e) {
            closeAll(files);
            throw e;
        }
    }

    private static SafetensorsFile shard(
            Path index, String field, String name, Map<String, SafetensorsFile> files)
            throws IOException {
        if (!name.matches("[A-Za-z0-9._-]+\\.safetensors")) {
            throw new MalformedFileException(
                    index, field, "'" + name + "' is not the plain name of a .safetensors file");
        }
        var known = files.get(name);
        if (known != null) {
            return known;
        }
        var path = index.resolveSibling(name);
        if (!Files.isRegularFile(path)) {
            throw new MalformedFileException(index, field, "the file " + name + " is missing");
        }
        var file = SafetensorsFile.open(path);
        files.put(name, file);
        return file;
    }

    private static void refuseUnlisted(
            Path index, Set<String> listed, Map<String, SafetensorsFile> files)
            throws MalformedFileException {
        var seen = new HashSet<String>();
        for (var entry : files.entrySet()) {
            for (var name : entry.getValue().names()) {
                if (!seen.add(name)) {
                    throw new MalformedFileException(index, name, "two files hold this tensor");
                }
                if (!listed.contains(name)) {
                    throw new MalformedFileException(
                            index, name, entry.getKey() + " holds it, but the index does not");
                }
            }
        }
    }

    @Override
    public Path file() {
        return index;
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(fileOfTensor.keySet());
    }

    @Override
    public TensorInfo info(String name) throws IOException {
        return file(name).info(name);
    }

    /** The remarks of the first file. */
    @Override
    public Map<String, Object> metadata() {
        return files.values().stream().findFirst().map(SafetensorsFile::metadata).orElse(Map.of());
    }

    @Override
    public ByteBuffer bytes(String name, long from, int count) throws IOException {
        return file(name).bytes(name, from, count);
    }

    @Override
    public void close() throws IOException {
        closeAll(files);
    }

    private SafetensorsFile file(String name) throws MalformedFileException {
        var file = fileOfTensor.get(name);
        if (file == null) {
            throw new MalformedFileException(index, name, "there is no tensor of this name");
        }
        return file;
    }

    private static void closeAll(Map<String, SafetensorsFile> files) throws IOException {
        for (var file : files.values()) {
            file.close();
        }
    }
}
