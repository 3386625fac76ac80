package org.lowrank.adapter.peft;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.lowrank.weights.MalformedFileException;

/** The two files of an adapter in a folder; one that is not there is answered with what is. */
final class AdapterFolder {

    private static final String PICKLE = "adapter_model.bin";
    private static final String MLX = "adapters.safetensors";

    private AdapterFolder() {}

    /**
     * @throws MalformedFileException if the folder is no adapter's; the message says what it is
     */
    static void check(Path path) throws MalformedFileException {
        if (Files.isRegularFile(path)) {
            throw refusal(path, "is a file; an adapter is the folder that holds it");
        }
        if (!Files.isDirectory(path)) {
            throw refusal(path, "there is no such folder");
        }
        if (has(path, MLX)) {
            throw refusal(
                    path,
                    "holds an adapter of mlx-lm, whose factors are turned and whose scale is no"
                            + " alpha/r; merge it there (mlx_lm.fuse), or save it for PEFT");
        }
        if (!has(path, PeftAdapter.CONFIG)) {
            var within = within(path);
            throw refusal(
                    path,
                    "holds no "
                            + PeftAdapter.CONFIG
                            + (within.isEmpty()
                                    ? ""
                                    : "; it holds adapters in "
                                            + String.join(", ", within)
                                            + ": name one of these folders"));
        }
        if (!has(path, PeftAdapter.WEIGHTS) && has(path, PICKLE)) {
            throw refusal(
                    path.resolve(PICKLE),
                    "is a pickle, which can run code when it is read and is not read here; in"
                            + " PEFT, load the adapter and save it again with"
                            + " save_pretrained(..., safe_serialization=True), which writes "
                            + PeftAdapter.WEIGHTS);
        }
    }

    private static MalformedFileException refusal(Path path, String reason) {
        return new MalformedFileException(path, "adapter", reason);
    }

    private static boolean has(Path folder, String name) {
        return Files.isRegularFile(folder.resolve(name));
    }

    private static List<String> within(Path folder) {
        try (var entries = Files.list(folder)) {
            return entries.filter(f -> has(f, PeftAdapter.CONFIG))
                    .map(f -> f.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
