package org.lowrank.task;

import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.lowrank.data.BatchPlan;
import org.lowrank.data.instruction.PaddedBatch;
import org.lowrank.data.instruction.Sample;
import org.lowrank.data.score.AnswerLikelihood;
import org.lowrank.linalg.DivergedException;
import org.lowrank.model.block.CausalModel;
import org.lowrank.model.generate.Generation;
import org.lowrank.model.generate.Generator;
import org.lowrank.text.TextTokenizer;

/** What a causal model as it stands says of answers, and what it answers itself. */
public final class AnswerReader {

    /** Of a batch, padding counted: bounds the array of (labels, vocabulary). */
    private static final int TOKENS = 1024;

    private final CausalModel model;
    private final TextTokenizer tokenizer;

    public AnswerReader(CausalModel model, TextTokenizer tokenizer) {
        this.model = model;
        this.tokenizer = tokenizer;
    }

    /** Sum of −log p over the labels of each sample, and their number. */
    public List<AnswerLikelihood.Row> likelihoods(List<Sample> samples) {
        var rows = new ArrayList<AnswerLikelihood.Row>(Collections.nCopies(samples.size(), null));
        var lengths = samples.stream().mapToInt(Sample::length).toArray();
        int budget = Math.max(TOKENS, Arrays.stream(lengths).max().orElseThrow());
        for (var some : BatchPlan.ofTokens(lengths, budget, 0).inOrder()) {
            var batch =
                    PaddedBatch.of(
                            Arrays.stream(some).mapToObj(samples::get).toList(),
                            tokenizer.padId(),
                            false);
            try (var step = model.manager().newSubManager()) {
                var sums = sums(step, batch);
                for (int i = 0; i < some.length; i++) {
                    int tokens = samples.get(some[i]).answerTokens();
                    rows.set(some[i], new AnswerLikelihood.Row(sums[i], tokens));
                }
            }
        }
        return rows;
    }

    private double[] sums(NDManager step, PaddedBatch batch) {
        var labelled = batch.labelled();
        var tokens = AnswerObjective.tokens(step, batch);
        var hidden = model.hidden(tokens.ids(), tokens.mask(), CausalModel.Passage.WHOLE, false);
        var each = AnswerObjective.each(model, step, batch, labelled, hidden).toFloatArray();
        var sums = new double[batch.rows()];
        for (int i = 0; i < labelled.length; i++) {
            sums[labelled[i] / batch.length()] += each[i];
        }
        for (double sum : sums) {
            if (!Double.isFinite(sum)) {
                throw new DivergedException("the likelihood of an answer is " + sum);
            }
        }
        return sums;
    }

    /**
     * What the model answers, at every place the most probable token.
     *
     * @param most tokens of an answer
     */
    List<String> texts(List<int[]> prompts, int most) {
        return new Generator(model, tokenizer).write(prompts, Generation.greedy(most)).strings();
    }
}
