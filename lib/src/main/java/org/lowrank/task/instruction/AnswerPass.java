package org.lowrank.task.instruction;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import org.lowrank.data.instruction.PaddedBatch;
import org.lowrank.data.instruction.Sample;
import org.lowrank.model.block.CausalModel;
import org.lowrank.model.block.EmbeddingTable;
import org.lowrank.model.block.EncoderDecoder;
import org.lowrank.model.head.TokenLoss;
import org.lowrank.text.TokenBatch;

/** −log p of the labels of some samples, by one pass of a model: (labels), sample by sample. */
interface AnswerPass {

    NDArray each(NDManager step, List<Sample> samples, boolean training);

    /** A decoder reads the samples and says at each place what follows. */
    static AnswerPass of(CausalModel model, int padId) {
        return (step, samples, training) -> {
            var batch = PaddedBatch.of(samples, padId, false);
            var tokens = tokens(step, batch);
            var hidden =
                    model.hidden(tokens.ids(), tokens.mask(), CausalModel.Passage.WHOLE, training);
            return each(model, step, batch, hidden);
        };
    }

    /** An encoder reads what has no label, a decoder writes the labels. */
    static AnswerPass of(EncoderDecoder model, int padId) {
        return (step, samples, training) -> {
            var read = samples.stream().map(AnswerPass::unlabelled).toList();
            var written = samples.stream().map(sample -> begun(sample, model.startId())).toList();
            var target = PaddedBatch.of(written, padId, false);
            var source = tokens(step, PaddedBatch.of(read, padId, false));
            var hidden = model.hidden(source, tokens(step, target), training);
            var asked = new long[target.rows() * target.length()];
            int count = 0;
            var labels = target.labels();
            for (int i = 0; i < asked.length; i++) {
                if (labels[i] != Sample.NONE) {
                    asked[count++] = i;
                }
            }
            var at = Arrays.copyOf(asked, count);
            var wanted = Arrays.stream(at).map(i -> labels[Math.toIntExact(i)]).toArray();
            var logits = model.logits(EmbeddingTable.rows(hidden, step.create(at)));
            return TokenLoss.each(logits, step.create(wanted));
        };
    }

    private static Sample unlabelled(Sample sample) {
        int end = 0;
        while (end < sample.length() && sample.labels()[end] == Sample.NONE) {
            end++;
        }
        var ids = Arrays.copyOf(sample.ids(), end);
        return new Sample(ids, ids, sample.line());
    }

    /** What the decoder reads, the start and all labels but the last, and what is to follow. */
    private static Sample begun(Sample sample, int startId) {
        var labels = Arrays.stream(sample.labels()).filter(id -> id != Sample.NONE).toArray();
        var ids = new int[labels.length];
        ids[0] = startId;
        System.arraycopy(labels, 0, ids, 1, ids.length - 1);
        return new Sample(ids, labels, sample.line());
    }

    static TokenBatch tokens(NDManager step, PaddedBatch batch) {
        var shape = new Shape(batch.rows(), batch.length());
        return new TokenBatch(step.create(batch.ids(), shape), step.create(batch.mask(), shape));
    }

    /** −log p of the labels of a batch from the hidden states of a decoder alone. */
    static NDArray each(CausalModel model, NDManager step, PaddedBatch batch, NDArray hidden) {
        var labelled = batch.labelled();
        var before = Arrays.stream(labelled).mapToLong(place -> place - 1L).toArray();
        var labels = Arrays.stream(labelled).mapToLong(place -> batch.labels()[place]).toArray();
        var asked = EmbeddingTable.rows(hidden, step.create(before));
        var wanted = step.create(labels);
        return model.frozenHead()
                .map(head -> TokenLoss.each(asked, head, wanted))
                .orElseGet(() -> TokenLoss.each(model.logits(asked), wanted));
    }
}
