package org.lowrank.model;

import java.io.IOException;
import org.lowrank.data.source.JarResource;
import org.lowrank.text.TextTokenizer;
import org.lowrank.weights.OnnxFile;
import org.lowrank.weights.WeightSource;

/**
 * An encoder without heads as an ONNX file with its {@code tokenizer.json}.
 *
 * @param sha256 the checksum of the ONNX file
 */
record OnnxCheckpoint(JarResource onnx, String sha256, JarResource tokenizerJson)
        implements CheckpointFiles {

    @Override
    public WeightSource weights() {
        return new OnnxFile(onnx.toString(), onnx::open, sha256);
    }

    @Override
    public TextTokenizer tokenizer() throws IOException {
        try (var json = tokenizerJson.open()) {
            return new TextTokenizer(tokenizerJson.toString(), json);
        }
    }

    @Override
    public boolean hasHeads() {
        return false;
    }
}
