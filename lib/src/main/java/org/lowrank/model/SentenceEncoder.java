package org.lowrank.model;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * Sentences to unit vectors, as the authors of the checkpoint meant it: prefix, encoder, pooling,
 * length 1. Cosines are scalar products of what it returns. Not for training: see {@link
 * SentenceClassifier}.
 */
public final class SentenceEncoder implements AutoCloseable {

    private final EncoderCheckpoint checkpoint;
    private final BertEncoder encoder;
    private final SentenceTokenizer tokenizer;

    private SentenceEncoder(
            EncoderCheckpoint checkpoint, BertEncoder encoder, SentenceTokenizer tokenizer) {
        this.checkpoint = checkpoint;
        this.encoder = encoder;
        this.tokenizer = tokenizer;
    }

    /** Loads a checkpoint, fetching its jar first if it is not on this machine. */
    public static SentenceEncoder load(EncoderCheckpoint checkpoint, NDManager parent)
            throws IOException {
        var tokenizer = checkpoint.loadTokenizer();
        try {
            return new SentenceEncoder(checkpoint, checkpoint.load(parent), tokenizer);
        } catch (IOException | RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    /** One row of unit length a sentence, in the order of the sentences. */
    public float[][] embed(List<String> sentences) {
        int longest = encoder.config().positions();
        var tokens =
                sentences.stream()
                        .map(s -> tokenizer.encode(checkpoint.prefix() + s, longest))
                        .toList();
        try (var step = encoder.manager().newSubManager()) {
            var batch = TokenBatch.of(tokens, step);
            var pooled = checkpoint.pooling().pool(encoder.forward(batch, false), batch.mask());
            var flat = Pooling.normalized(pooled).toFloatArray();
            int width = encoder.config().hidden();
            var rows = new float[sentences.size()][];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = Arrays.copyOfRange(flat, i * width, (i + 1) * width);
            }
            return rows;
        }
    }

    public BertEncoder encoder() {
        return encoder;
    }

    @Override
    public void close() {
        tokenizer.close();
        encoder.close();
    }
}
