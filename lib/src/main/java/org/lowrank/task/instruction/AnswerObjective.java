package org.lowrank.task.instruction;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lowrank.data.BatchPlan;
import org.lowrank.data.SeededOrder;
import org.lowrank.data.instruction.PaddedBatch;
import org.lowrank.data.instruction.Sample;
import org.lowrank.model.block.CausalModel;
import org.lowrank.model.block.EncoderDecoder;
import org.lowrank.train.GraphObjective;

/**
 * The loss of a model that writes on the labels of samples: −(1/n) Σ log p(label | what stands
 * before) over the n labels of the batch. A batch counts in its step as its labels, so that a step
 * of several batches is the mean over all their labels, as if they were one batch. Logits are made
 * at the places of labels alone.
 */
public final class AnswerObjective implements GraphObjective {

    private final AnswerPass pass;
    private final CausalModel byLayer;
    private final List<Sample> samples;
    private final int padId;
    private final BatchPlan plan;

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
        this(AnswerPass.of(model, padId), byLayer ? model : null, samples, padId, plan);
    }

    /** The encoder reads what has no label, the decoder learns to write the labels. */
    public AnswerObjective(EncoderDecoder model, List<Sample> samples, int padId, BatchPlan plan) {
        this(AnswerPass.of(model, padId), null, samples, padId, plan);
    }

    private AnswerObjective(
            AnswerPass pass, CausalModel byLayer, List<Sample> samples, int padId, BatchPlan plan) {
        this.pass = pass;
        this.byLayer = byLayer;
        this.samples = List.copyOf(samples);
        this.padId = padId;
        this.plan = plan;
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

    @Override
    public double size(long epoch, int index) {
        return rows(epoch, index).stream().mapToLong(Sample::answerTokens).sum();
    }

    @Override
    public BatchLoss loss(NDManager step, long epoch, int index, double share) {
        var rows = rows(epoch, index);
        return told(rows, mean(step, pass.each(step, rows, true), share));
    }

    @Override
    public BatchLoss backward(NDManager step, long epoch, int index, double share) {
        if (byLayer == null) {
            return GraphObjective.super.backward(step, epoch, index, share);
        }
        var rows = rows(epoch, index);
        var batch = PaddedBatch.of(rows, padId, false);
        int seed = Long.hashCode(SeededOrder.seedOf(SeededOrder.seedOf(plan.seed(), epoch), index));
        var loss =
                byLayer.backwardByLayer(
                        AnswerPass.tokens(step, batch),
                        seed,
                        hidden -> {
                            var each = AnswerPass.each(byLayer, step, batch, hidden);
                            return mean(step, each, share);
                        });
        return told(rows, loss);
    }

    @Override
    public List<String> notFinite(NDManager step, long epoch, int index) {
        var places = new ArrayList<String>();
        for (int row : plan.rows(epoch, index)) {
            var sample = samples.get(row);
            var loss = mean(step, pass.each(step, List.of(sample), false), 1);
            if (!Float.isFinite(loss.getFloat())) {
                places.add(
                        sample.line() == 0
                                ? "block " + row
                                : "the record of line " + sample.line());
            }
        }
        return places;
    }

    private List<Sample> rows(long epoch, int index) {
        return Arrays.stream(plan.rows(epoch, index)).mapToObj(samples::get).toList();
    }

    private static BatchLoss told(List<Sample> rows, NDArray loss) {
        long tokens = rows.stream().mapToLong(Sample::length).sum();
        return new BatchLoss(loss, rows.size(), tokens);
    }

    private static NDArray mean(NDManager step, NDArray each, double share) {
        var weights = new float[Math.toIntExact(each.size())];
        Arrays.fill(weights, (float) (share / weights.length));
        return each.mul(step.create(weights)).sum();
    }
}
