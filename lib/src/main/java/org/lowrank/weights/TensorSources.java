package org.lowrank.weights;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;

/** Opens tensors by what a file is, whatever its name. */
public final class TensorSources {

    private static final int HEAD = 32;
    private static final int SAFETENSORS_BRACE = 8;

    /** The number of the format's version comes first in every ONNX file. */
    private static final int ONNX_VERSION_FIELD = 1 << 3;

    private static final String VARIABLES = "variables/variables.index";

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
        var name = path.toString();
        if (name.endsWith(".json") || name.endsWith(".safetensors")) {
            return name.endsWith(".json")
                    ? ShardedSafetensors.open(path)
                    : SafetensorsFile.open(path); // whose refusals say more than that it is unknown
        }
        if (TorchFile.is(path)) {
            return TorchFile.open(path);
        }
        byte[] head;
        long mark;
        long length;
        try (var file = MappedFile.open(path)) {
            length = file.length();
            head = new byte[(int) Math.min(HEAD, length)];
            file.bytes(0, head.length).get(head);
            mark = length < Long.BYTES ? 0 : file.bytes(length - Long.BYTES, 8).getLong();
        }
        if (new String(head, StandardCharsets.ISO_8859_1).startsWith("GGUF")) {
            return GgufFile.open(path);
        } else if (head.length > SAFETENSORS_BRACE && head[SAFETENSORS_BRACE] == '{') {
            return SafetensorsFile.open(path);
        } else if (mark == LevelDbTable.MAGIC) {
            return TensorFlowBundle.open(path);
        } else if (Llama2File.explains(head, length)) {
            return Llama2File.open(path);
        } else if (head[0] == ONNX_VERSION_FIELD) {
            return OnnxFile.open(path);
        }
        throw new MalformedFileException(
                path,
                "file",
                "is none of safetensors, GGUF, ONNX, PyTorch's and TensorFlow's files and llama2.c's .bin: its "
                        + length
                        + " bytes begin with "
                        + HexFormat.ofDelimiter(" ").formatHex(head, 0, Math.min(8, head.length)));
    }

    /** The one file to open of a folder that may hold others beside it. */
    private static Path inFolder(Path folder) throws IOException {
        for (var name : List.of(ShardedSafetensors.SINGLE, ShardedSafetensors.INDEX, VARIABLES)) {
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
                return file;
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
