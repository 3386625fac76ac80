package org.lowrank.model;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.lowrank.data.source.JarResource;
import org.lowrank.text.TextTokenizer;
import org.lowrank.text.WordPieceTokenizers;
import org.lowrank.weights.NestedZip;
import org.lowrank.weights.TensorFlowBundle;
import org.lowrank.weights.WeightSource;

/** BERT with its heads as a zip of TensorFlow variables and a list of word pieces. */
record TensorFlowCheckpoint(JarResource zip) implements CheckpointFiles {

    private static final String VOCABULARY = "assets/vocab.txt";

    @Override
    public WeightSource weights() {
        return new TensorFlowBundle(zip.toString(), zip::open);
    }

    @Override
    public TextTokenizer tokenizer() throws IOException {
        List<String> words;
        try (var in = NestedZip.open(zip.toString(), zip::open, VOCABULARY)) {
            words = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
        return WordPieceTokenizers.uncased(zip + "!" + VOCABULARY, words);
    }

    @Override
    public boolean hasHeads() {
        return true;
    }
}
