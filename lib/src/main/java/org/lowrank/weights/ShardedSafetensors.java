package org.lowrank.weights;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;

/**
 * A model in several safetensors files, bound together by {@code model.safetensors.index.json},
 * whose {@code weight_map} names the file of every tensor. Its {@code metadata} decide nothing.
 */
public final class ShardedSafetensors {

    /** The name of a model in one file. */
    public static final String SINGLE = "model.safetensors";

    /** The name of the index of a model in several files. */
    public static final String INDEX = "model.safetensors.index.json";

    private ShardedSafetensors() {}

    /**
     * Opens the files that an index names, which must lie beside it, and checks that each holds the
     * tensors that the index promises.
     *
     * @throws MalformedFileException if the index or a file is damaged, or a file is not there
     */
    public static TensorSource open(Path index) throws IOException {
        var map = StrictJson.readObject(index).get("weight_map");
        if (map == null || !map.isObject()) {
            throw new MalformedFileException(index, "weight_map", "must be a JSON object");
        }
        var files = new LinkedHashMap<String, TensorSource>();
        for (var entry : map.properties()) {
            files.put(plainName(index, "weight_map." + entry.getKey(), entry.getValue()), null);
        }
        refuseLacking(index, files.keySet().toArray(String[]::new));
        try {
            for (var entry : files.entrySet()) {
                entry.setValue(SafetensorsFile.open(index.resolveSibling(entry.getKey())));
            }
            compare(index, map, files);
            return ShardedSource.of(index, files);
        } catch (IOException | RuntimeException e) {
            for (var file : files.values()) {
                if (file != null) {
                    file.close();
                }
            }
            throw e;
        }
    }

    private static String plainName(Path index, String field, JsonNode value)
            throws MalformedFileException {
        if (!value.isTextual()) {
            throw new MalformedFileException(index, field, "must be the name of a file");
        }
        var name = value.textValue();
        if (!name.matches("[A-Za-z0-9._-]+\\.safetensors")) {
            throw new MalformedFileException(
                    index,
                    field,
                    "'"
                            + name
                            + "' is not the plain name of a .safetensors file in the index's"
                            + " folder");
        }
        return name;
    }

    private static void refuseLacking(Path index, String[] names) throws MalformedFileException {
        var lacking = new TreeSet<String>();
        for (var name : names) {
            if (!Files.isRegularFile(index.resolveSibling(name))) {
                lacking.add(name);
            }
        }
        if (!lacking.isEmpty()) {
            throw new MalformedFileException(
                    index,
                    "weight_map",
                    String.join(", ", lacking)
                            + (lacking.size() == 1 ? " is" : " are")
                            + " missing of the "
                            + names.length
                            + " files that it names: the download may be incomplete; fetch what is"
                            + " missing into the folder of the index");
        }
    }

    /** The index and the files must say the same. */
    private static void compare(Path index, JsonNode map, Map<String, TensorSource> files)
            throws MalformedFileException {
        for (var entry : map.properties()) {
            var name = entry.getKey();
            var promised = entry.getValue().textValue();
            if (!files.get(promised).names().contains(name)) {
                var holders =
                        files.entrySet().stream()
                                .filter(file -> file.getValue().names().contains(name))
                                .map(Map.Entry::getKey)
                                .toList();
                throw new MalformedFileException(
                        index,
                        "weight_map." + name,
                        promised
                                + " holds no tensor of this name; "
                                + (holders.isEmpty()
                                        ? "no other file does"
                                        : String.join(", ", holders) + " holds it"));
            }
        }
        for (var entry : files.entrySet()) {
            for (var name : entry.getValue().names()) {
                if (!map.has(name)) {
                    throw new MalformedFileException(
                            index, name, entry.getKey() + " holds it, but the index does not");
                }
            }
        }
    }
}
