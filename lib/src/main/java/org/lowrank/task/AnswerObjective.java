package org.lowrank.task;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.lowrank.data.BatchPlan;
import org.lowrank.data.SeededOrder;
import org.lowrank.data.instruction.PaddedBatch;
import org.lowrank.data.instruction.Sample;
import org.lowrank.model.block.CausalModel;
import org.lowrank.model.block.EmbeddingTable;
import org.lowrank.model.head.TokenLoss;
import org.lowrank.text.TokenBatch;
import org.lowrank.train.GraphObjective;

/**
 * The loss of a causal model on the labels of samples: −(1/n) Σ log p(label | what stands before)
 * over the n labels of the batch. A batch counts in its step as its labels, so that a step of
 * several batches is the mean over all their labels, as if they were one batch. Logits are made at
 * the places of labels alone.
 */
public final class AnswerObjective implements GraphObjective {

    private final CausalModel model;
    private final List<Sample> samples;
    private final int padId;
    private final BatchPlan plan;
    private final boolean byLayer;

    /**
     * @param samples each with a label or more
     * @param padId any id will do: padding has no label and is hidden by the mask
     * @param plan over the lengths of the samples
     * @param byLayer whether the graph of one layer is kept at a time: less memory, the same
     *     gradients, more time
     * @throws IllegalArgumentException if a sample has no label: its mean would be 0/0
     */
    public AnswerObjective(
            CausalModel model, List<Sample> samples, int padId, BatchPlan plan, boolean byLayer) {
        this.model = model;
        this.samples = List.copyOf(samples);
        this.padId = padId;
        this.plan = plan;
        this.byLayer = byLayer;
        for (int i = 0; i < samples.size(); i++) {
            if (samples.get(i).answerTokens() == 0) {
                throw new IllegalArgumentException(
                        "sample " + i + " has no label; leave it out of the training set");
            }
        }
    }

    @Override
    public int batchesPerEpoch() {
        return plan.batchesPerEpoch();
    }

    /** The number of labels. */
    @Override
    public double size(long epoch, int index) {
        return Arrays.stream(plan.rows(epoch, index))
                .mapToLong(row -> samples.get(row).answerTokens())
                .sum();
    }

    @Override
    public BatchLoss loss(NDManager step, long epoch, int index, double share) {
        var batch = padded(epoch, index);
        var tokens = tokens(step, batch);
        var hidden = model.hidden(tokens.ids(), tokens.mask(), CausalModel.Passage.WHOLE, true);
        return told(batch, loss(step, batch, hidden, share));
    }

    @Override
    public BatchLoss backward(NDManager step, long epoch, int index, double share) {
        if (!byLayer) {
            return GraphObjective.super.backward(step, epoch, index, share);
        }
        var batch = padded(epoch, index);
        int seed = Long.hashCode(SeededOrder.seedOf(SeededOrder.seedOf(plan.seed(), epoch), index));
        var loss =
                model.backwardByLayer(
                        tokens(step, batch), seed, hidden -> loss(step, batch, hidden, share));
        return told(batch, loss);
    }

    private PaddedBatch padded(long epoch, int index) {
        var rows = plan.rows(epoch, index);
        return PaddedBatch.of(Arrays.stream(rows).mapToObj(samples::get).toList(), padId, false);
    }

    private static BatchLoss told(PaddedBatch batch, NDArray loss) {
        long tokens =
                IntStream.range(0, batch.mask().length).filter(i -> batch.mask()[i] == 1).count();
        return new BatchLoss(loss, batch.rows(), tokens);
    }

    static TokenBatch tokens(NDManager step, PaddedBatch batch) {
        var shape = new Shape(batch.rows(), batch.length());
        return new TokenBatch(step.create(batch.ids(), shape), step.create(batch.mask(), shape));
    }

    private NDArray loss(NDManager step, PaddedBatch batch, NDArray hidden, double share) {
        var labelled = batch.labelled();
        var weights = new float[labelled.length];
        Arrays.fill(weights, (float) (share / labelled.length));
        return each(model, step, batch, labelled, hidden).mul(step.create(weights)).sum();
    }

    /**
     * −log p of the labels at some places.
     *
     * @param labelled places of labels, row · length + column
     */
    static NDArray each(
            CausalModel model, NDManager step, PaddedBatch batch, int[] labelled, NDArray hidden) {
        var before = Arrays.stream(labelled).mapToLong(place -> place - 1L).toArray();
        var labels = Arrays.stream(labelled).mapToLong(place -> batch.labels()[place]).toArray();
        var logits = model.logits(EmbeddingTable.rows(hidden, step.create(before)));
        return TokenLoss.each(logits, step.create(labels));
    }
}
