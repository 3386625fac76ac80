package org.lowrank.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens tensors by what a file is, whatever its name. */
public final class TensorSources {

    private static final int HEAD = 16;

    private TensorSources() {}

    /**
     * Opens a file, or the model of a folder: {@code model.safetensors}, or {@code
     * model.safetensors.index.json} with its shards.
     *
     * @throws MalformedFileException if it holds nothing that is read here: the message says what
     *     it holds
     */
    public static TensorSource open(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            return ShardedSafetensors.openFolder(path);
        }
        if (!Files.isRegularFile(path)) {
            throw MissingFile.refusal(path);
        }
        byte[] head;
        try (var in = Files.newInputStream(path)) {
            head = in.readNBytes(HEAD);
        }
        return head.length > 0 && head[0] == '{'
                ? ShardedSafetensors.open(path)
                : SafetensorsFile.open(path);
    }
}
