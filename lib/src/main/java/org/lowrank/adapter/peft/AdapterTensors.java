package org.lowrank.adapter.peft;

import static java.util.regex.Pattern.quote;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
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

    AdapterTensors(Path file, TensorSource source) throws IOException {
        this.file = file;
        this.source = source;
        var adapters = new TreeSet<String>();
        // the base of an adapted embedding is in the file too: what adapts it is the better reason
        var baseLast = new ArrayList<>(source.names());
        baseLast.sort(Comparator.comparing(name -> name.contains(".base_layer.")));
        for (var name : baseLast) {
            var key = key(name);
            if (key.isOriginal()) {
                continue;
            }
            var earlier =
                    key.part() == null
                            ? whole.put(key.path(), name)
                            : byPath.computeIfAbsent(key.path(), p -> new HashMap<>())
                                    .put(key.part(), name);
            if (earlier != null) {
                throw refusal(name, "means the same parameter as " + earlier);
            }
            if (key.adapter() != null) {
                adapters.add(key.adapter());
            }
        }
        if (byPath.isEmpty()) {
            throw refusal("header", "holds no adapter");
        }
        if (adapters.size() > 1) {
            throw refusal("header", "holds several adapters, " + adapters + "; save one by itself");
        }
        renameWhole(adapters.isEmpty() ? "default" : adapters.first());
    }

    private PeftKey key(String name) throws MalformedFileException {
        try {
            return PeftKey.parse(name);
        } catch (IllegalArgumentException e) {
            throw refusal(name, e.getMessage());
        }
    }

    /**
     * {@code classifier.modules_to_save.NAME.weight} is {@code classifier.weight}. PEFT writes both
     * for a bias if all biases are trained.
     */
    private void renameWhole(String adapter) throws IOException {
        for (var name : List.copyOf(whole.keySet())) {
            var parameter =
                    name.replaceFirst("\\.modules_to_save(\\." + quote(adapter) + "(?=\\.))?", "");
            if (parameter.equals(name)) {
                continue;
            }
            var tensor = whole.remove(name);
            var other = whole.put(parameter, tensor);
            if (other != null && !Arrays.equals(source.floats(tensor), source.floats(other))) {
                throw refusal(name, "means the same parameter as " + parameter);
            }
        }
    }

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
            throw refusal(
                    info.name(),
                    "has shape %s, not %s, as %s has it for this model"
                            .formatted(info.shape(), wanted, PeftAdapter.CONFIG));
        }
        return source.floats(info.name());
    }

    /** A parameter that is saved whole, of {@code size} elements. */
    float[] readWhole(String name, List<Long> shape) throws IOException {
        var info = source.info(whole.get(name));
        if (!info.shape().equals(shape)) {
            boolean rowsAlone =
                    shape.size() == 2
                            && info.shape().size() == 2
                            && info.shape().get(1).equals(shape.get(1));
            throw refusal(
                    info.name(),
                    "has shape %s, the model's is %s%s"
                            .formatted(
                                    info.shape(),
                                    shape,
                                    rowsAlone
                                            ? "; the adapter is for a base with as many rows: in transformers, resize_token_embeddings(%d) and save_pretrained make one"
                                                    .formatted(info.shape().get(0))
                                            : ""));
        }
        return source.floats(info.name());
    }

    MalformedFileException refusal(String field, String reason) {
        return new MalformedFileException(file, field, reason);
    }
}
