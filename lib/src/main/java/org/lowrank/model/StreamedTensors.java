package org.lowrank.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.lowrank.weights.MalformedFileException;
import org.lowrank.weights.TensorInfo;
import org.lowrank.weights.TensorSource;
import org.lowrank.weights.TensorType;
import org.lowrank.weights.WeightSource;
import org.lowrank.weights.WeightTensor;

/** The tensors of a source that is read from its beginning, kept in memory while it is open. */
final class StreamedTensors implements TensorSource {

    private final WeightSource source;
    private Map<String, WeightTensor> tensors;

    StreamedTensors(WeightSource source) {
        this.source = source;
    }

    @Override
    public Path file() {
        return Path.of(source.file());
    }

    @Override
    public Set<String> names() {
        if (tensors == null) {
            tensors = new LinkedHashMap<>();
            try {
                source.forEach(
                        tensor -> {
                            if (tensors.put(tensor.name(), tensor) != null) {
                                throw new MalformedFileException(
                                        file(), tensor.name(), "occurs twice");
                            }
                        });
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return tensors.keySet();
    }

    @Override
    public Map<String, Object> metadata() {
        return Map.of();
    }

    @Override
    public TensorInfo info(String name) {
        var tensor = tensors.get(name);
        var shape = Arrays.stream(tensor.shape().getShape()).boxed().toList();
        return new TensorInfo(name, TensorType.F32, shape, 4L * tensor.values().length);
    }

    @Override
    public ByteBuffer bytes(String name, long from, int count) {
        var bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(tensors.get(name).values(), (int) from / 4, count / 4);
        return bytes;
    }

    @Override
    public void close() {
        tensors = null;
    }
}
