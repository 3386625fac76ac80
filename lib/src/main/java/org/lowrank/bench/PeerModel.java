package org.lowrank.bench;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.lowrank.model.LoadOptions;
import org.lowrank.model.ModelFolder;
import org.lowrank.model.PretrainedModel;
import org.lowrank.model.block.CausalModel;
import org.lowrank.text.TextTokenizer;

/**
 * SmolLM2 for us and for a peer: as it is loaded here, and, where a peer is asked for, in a folder
 * that transformers opens. Close frees the one and deletes the other.
 */
final class PeerModel implements AutoCloseable {

    static final String NAME = "SmolLM2-135M-Instruct";

    private final NDManager manager;
    private final CausalModel model;
    private final TextTokenizer tokenizer;
    private final Path folder;

    PeerModel(boolean withPeer) throws IOException {
        manager = NDManager.newBaseManager();
        try (var opened = PretrainedModel.open(NAME)) {
            model = opened.load(CausalModel.class, LoadOptions.PLAIN, manager);
            tokenizer = opened.tokenizer();
            folder = withPeer ? Files.createTempDirectory("peer") : null;
            if (withPeer) {
                ModelFolder.write(opened, model, folder);
            }
        } catch (IOException | RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    CausalModel model() {
        return model;
    }

    TextTokenizer tokenizer() {
        return tokenizer;
    }

    /** A script that has opened the folder, on as many threads as we have; null without a peer. */
    PythonPeer start(String script) throws IOException {
        if (folder == null) {
            return null;
        }
        int threads = Benchmarks.threads();
        var peer = PythonPeer.start(script, threads, folder.toString(), String.valueOf(threads));
        peer.answer(); // the model is there
        return peer;
    }

    @Override
    public void close() throws IOException {
        tokenizer.close();
        manager.close();
        if (folder != null) {
            try (var files = Files.list(folder)) {
                for (var file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        }
    }
}
