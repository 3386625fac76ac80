package org.lowrank.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.lowrank.config.Impostor;

/** Opens tensors by what a file is, whatever its name. */
public final class TensorSources {

    private static final int HEAD = 16;

    private TensorSources() {}

    /**
     * Opens the tensors of a model: a file, its index, one of its shards, or its folder.
     *
     * @throws MalformedFileException if it holds nothing that is read here: the message says what
     *     it holds
     */
    public static TensorSource open(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            return open(inFolder(path));
        }
        if (!Files.isRegularFile(path)) {
            throw MissingFile.refusal(path);
        }
        var head = ByteBuffer.allocate(HEAD).order(ByteOrder.LITTLE_ENDIAN);
        try (var in = Files.newInputStream(path)) {
            head.limit(in.readNBytes(head.array(), 0, HEAD));
        }
        if (head.remaining() >= 4 && head.getInt(0) == GgufHeader.MAGIC) {
            return GgufFile.open(path);
        }
        boolean json = head.hasRemaining() && head.get(0) == '{';
        return json || path.toString().endsWith(".json")
                ? ShardedSafetensors.open(path)
                : SafetensorsFile.open(path);
    }

    /** The one file to open of a folder that may hold others beside it. */
    private static Path inFolder(Path folder) throws IOException {
        for (var name : List.of(ShardedSafetensors.SINGLE, ShardedSafetensors.INDEX)) {
            if (Files.exists(folder.resolve(name))) {
                return folder.resolve(name);
            }
        }
        List<Path> files;
        try (var entries = Files.list(folder)) {
            files = entries.filter(Files::isRegularFile).sorted().toList();
        }
        var gguf = files.stream().filter(file -> file.toString().endsWith(".gguf")).toList();
        var models =
                gguf.stream()
                        .map(
                                file ->
                                        file.toString()
                                                .replaceFirst("-\\d{5}(-of-\\d{5}\\.gguf)", "$1"))
                        .distinct()
                        .toList();
        if (models.size() == 1) {
            return gguf.get(0);
        }
        if (models.size() > 1) {
            throw new MalformedFileException(
                    folder,
                    "folder",
                    "holds several models, name one: " + MissingFile.contents(folder));
        }
        for (var file : files) {
            if (file.getFileName().toString().matches("pytorch_model.*\\.bin")) {
                var what = Impostor.asBinary(file).orElse("it is a file of PyTorch");
                throw new MalformedFileException(
                        file, "file", "is the only file of weights in its folder; " + what);
            }
        }
        throw new MalformedFileException(
                folder,
                "folder",
                "holds neither "
                        + ShardedSafetensors.SINGLE
                        + " nor "
                        + ShardedSafetensors.INDEX
                        + " nor a .gguf file; it holds "
                        + MissingFile.contents(folder));
    }
}
