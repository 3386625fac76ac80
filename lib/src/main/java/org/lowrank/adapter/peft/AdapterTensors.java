package org.lowrank.adapter.peft;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lowrank.weights.MalformedFileException;
import org.lowrank.weights.TensorInfo;
import org.lowrank.weights.TensorSource;

/** The tensors of an {@code adapter_model.safetensors}, sorted by module path. */
final class AdapterTensors {

    private final Path file;
    private final TensorSource source;

    /** Tensor names by module path and part. */
    private final Map<String, Map<String, String>> byPath = new LinkedHashMap<>();

    /** Tensor names by the name of a parameter that is saved whole. */
    private final Map<String, String> whole = new LinkedHashMap<>();

    AdapterTensors(Path file, TensorSource source) throws MalformedFileException {
        this.file = file;
        this.source = source;
        for (var name : source.names()) {
            var key = PeftKey.parse(name);
            if (key == null) {
                throw refusal(name, "is no tensor of LoRA, DoRA or AdaLoRA on linear maps");
            }
            var earlier =
                    key.part() == null
                            ? whole.put(key.path(), name)
                            : byPath.computeIfAbsent(key.path(), p -> new HashMap<>())
                                    .put(key.part(), name);
            if (earlier != null) {
                throw refusal(name, "means the same parameter as " + earlier);
            }
        }
        if (byPath.isEmpty()) {
            throw refusal("header", "holds no adapter");
        }
    }

    /** The module paths as the file has them. */
    Set<String> paths() {
        return byPath.keySet();
    }

    /** The full names of the parameters that are saved whole. */
    Set<String> whole() {
        return whole.keySet();
    }

    boolean has(String path, String part) {
        return byPath.get(path).containsKey(part);
    }

    TensorInfo info(String path, String part) throws IOException {
        var name = byPath.get(path).get(part);
        if (name == null) {
            throw refusal(PeftKey.PREFIX + path, "has no " + part);
        }
        return source.info(name);
    }

    /**
     * A tensor of a pair.
     *
     * @throws MalformedFileException if it is missing or of another shape
     */
    float[] read(String path, String part, long... shape) throws IOException {
        var info = info(path, part);
        var wanted = Arrays.stream(shape).boxed().toList();
        if (!info.shape().equals(wanted)) {
            throw refusal(info.name(), "has shape " + info.shape() + ", not " + wanted);
        }
        return source.floats(info.name());
    }

    /** A parameter that is saved whole, of {@code size} elements. */
    float[] readWhole(String name, List<Long> shape) throws IOException {
        var info = source.info(whole.get(name));
        if (!info.shape().equals(shape)) {
            throw refusal(info.name(), "has shape " + info.shape() + ", the model's is " + shape);
        }
        return source.floats(info.name());
    }

    MalformedFileException refusal(String field, String reason) {
        return new MalformedFileException(file, field, reason);
    }
}
