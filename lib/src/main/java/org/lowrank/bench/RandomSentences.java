package org.lowrank.bench;

import ai.djl.ndarray.NDManager;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.lowrank.model.head.SentenceClassifier;
import org.lowrank.task.Losses;
import org.lowrank.text.TokenBatch;
import org.lowrank.text.Tokens;
import org.lowrank.train.GraphObjective;

/** Batches of random tokens of one length with random labels: work without data. */
record RandomSentences(SentenceClassifier model, int batch, int length, long seed)
        implements GraphObjective {

    @Override
    public int batchesPerEpoch() {
        return 1000;
    }

    @Override
    public BatchLoss loss(NDManager step, long epoch, int index, double weight) {
        var random = new SplittableRandom(seed + 1000 * epoch + index);
        int vocabulary = model.encoder().vocabulary();
        var sentences =
                IntStream.range(0, batch)
                        .mapToObj(
                                i -> {
                                    var ids = random.ints(length, 0, vocabulary).toArray();
                                    return new Tokens(ids, new int[length]);
                                })
                        .toList();
        var labels = random.ints(batch, 0, model.head().labels()).toArray();
        var logits = model.forward(TokenBatch.of(sentences, step), true);
        long tokens = (long) batch * length;
        return new BatchLoss(Losses.crossEntropy(step, logits, labels, weight), batch, tokens);
    }
}
