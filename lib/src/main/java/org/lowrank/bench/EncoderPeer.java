package org.lowrank.bench;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.lowrank.model.LoadOptions;
import org.lowrank.model.ModelFolder;
import org.lowrank.model.PretrainedModel;
import org.lowrank.model.block.TextEncoder;

/** The training step of transformers and PEFT on an encoder of ours, from a folder it opens. */
final class EncoderPeer implements AutoCloseable {

    private final Path folder;
    private final PythonPeer peer;

    /**
     * @param linears as many as we adapt; the peer has to adapt as many
     * @throws IOException if there is no Python to run it, or it adapts another number
     */
    EncoderPeer(String encoder, int linears) throws IOException {
        folder = Files.createTempDirectory("peer");
        try (var manager = NDManager.newBaseManager();
                var opened = PretrainedModel.open(encoder)) {
            var body = opened.load(TextEncoder.class, LoadOptions.PLAIN, manager);
            ModelFolder.write(opened, body, folder);
        }
        int threads = Benchmarks.threads();
        peer =
                PythonPeer.start(
                        "encoder_step.py", threads, folder.toString(), Integer.toString(threads));
        int adapted = peer.answer().get("adapted").asInt();
        if (adapted != linears) {
            close();
            throw new IOException(
                    "the peer adapts %d linear maps of %s, we %d: their times are not comparable"
                            .formatted(adapted, encoder, linears));
        }
    }

    /** Seconds of each step. */
    List<Double> seconds(int batch, int length, int steps) throws IOException {
        var seconds = new ArrayList<Double>();
        peer.ask(Map.of("batch", batch, "length", length, "steps", steps))
                .get("seconds")
                .forEach(s -> seconds.add(s.asDouble()));
        return seconds;
    }

    @Override
    public void close() throws IOException {
        if (peer != null) {
            peer.close();
        }
        try (var files = Files.list(folder)) {
            for (var file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
