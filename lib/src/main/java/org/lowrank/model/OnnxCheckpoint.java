package org.lowrank.model;

import java.io.IOException;
import org.lowrank.artifact.JarResource;

/**
 * An encoder without heads as an ONNX file with its {@code tokenizer.json}.
 *
 * @param sha256 the checksum of the ONNX file
 */
record OnnxCheckpoint(JarResource onnx, String sha256, JarResource tokenizerJson)
        implements CheckpointFiles {

    @Override
    public WeightSource weights() {
        return new OnnxWeights(onnx.toString(), onnx::open, sha256);
    }

    @Override
    public SentenceTokenizer tokenizer() throws IOException {
        try (var json = tokenizerJson.open()) {
            return new SentenceTokenizer(tokenizerJson.toString(), json);
        }
    }

    @Override
    public boolean hasHeads() {
        return false;
    }
}
