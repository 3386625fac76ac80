package org.lowrank.adapter.peft;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.lowrank.weights.MalformedFileException;
import org.lowrank.weights.SafetensorsFile;
import org.lowrank.weights.TensorSource;
import org.lowrank.weights.TorchFile;

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
    }

    /**
     * The factors. PEFT before 0.7 pickled them, which {@link TorchFile} reads without running what
     * is in it.
     */
    static TensorSource weights(Path path) throws IOException {
        boolean pickled = !has(path, PeftAdapter.WEIGHTS) && has(path, PICKLE);
        return pickled
                ? TorchFile.open(path.resolve(PICKLE))
                : SafetensorsFile.open(path.resolve(PeftAdapter.WEIGHTS));
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
