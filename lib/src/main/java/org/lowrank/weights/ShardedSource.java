package org.lowrank.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The tensors of several files as one source, with the remarks of the first file. */
final class ShardedSource implements TensorSource {

    private final Path file;
    private final Collection<TensorSource> files;
    private final Map<String, TensorSource> fileOfTensor;

    private ShardedSource(
            Path file, Collection<TensorSource> files, Map<String, TensorSource> fileOfTensor) {
        this.file = file;
        this.files = files;
        this.fileOfTensor = Collections.unmodifiableMap(fileOfTensor);
    }

    /**
     * @param file what messages name
     * @param files by their names; closed with this source
     * @throws MalformedFileException if two of them hold one tensor
     */
    static ShardedSource of(Path file, Map<String, TensorSource> files)
            throws MalformedFileException {
        var fileOfTensor = new LinkedHashMap<String, TensorSource>();
        for (var source : files.values()) {
            for (var name : source.names()) {
                var other = fileOfTensor.put(name, source);
                if (other != null) {
                    throw new MalformedFileException(
                            file,
                            name,
                            "two files hold this tensor: "
                                    + other.file().getFileName()
                                    + " and "
                                    + source.file().getFileName());
                }
            }
        }
        return new ShardedSource(file, files.values(), fileOfTensor);
    }

    @Override
    public Path file() {
        return file;
    }

    @Override
    public Set<String> names() {
        return fileOfTensor.keySet();
    }

    @Override
    public Map<String, Object> metadata() {
        return files.stream().findFirst().map(TensorSource::metadata).orElse(Map.of());
    }

    @Override
    public TensorInfo info(String name) throws IOException {
        return source(name).info(name);
    }

    @Override
    public ByteBuffer bytes(String name, long from, int count) throws IOException {
        return source(name).bytes(name, from, count);
    }

    @Override
    public float[] floats(String name, long first, int count) throws IOException {
        return source(name).floats(name, first, count);
    }

    private TensorSource source(String name) throws MalformedFileException {
        var source = fileOfTensor.get(name);
        if (source == null) {
            throw new MalformedFileException(file, name, "there is no tensor of this name");
        }
        return source;
    }

    @Override
    public void close() throws IOException {
        for (var source : files) {
            source.close();
        }
    }
}
