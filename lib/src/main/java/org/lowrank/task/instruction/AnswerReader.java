package org.lowrank.task.instruction;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.lowrank.data.BatchPlan;
import org.lowrank.data.instruction.Sample;
import org.lowrank.data.score.AnswerLikelihood;
import org.lowrank.engine.CancelledException;
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
    private final AnswerPass pass;

    public AnswerReader(CausalModel model, TextTokenizer tokenizer) {
        this.model = model;
        this.tokenizer = tokenizer;
        pass = AnswerPass.of(model, tokenizer.padId());
    }

    /** Sum of −log p over the labels of each sample, and their number. */
    public List<AnswerLikelihood.Row> likelihoods(List<Sample> samples) {
        var rows = new ArrayList<AnswerLikelihood.Row>(Collections.nCopies(samples.size(), null));
        var lengths = samples.stream().mapToInt(Sample::length).toArray();
        int budget = Math.max(TOKENS, Arrays.stream(lengths).max().orElseThrow());
        var order = BatchPlan.ofTokens(lengths, budget, 0).inOrder();
        int done = 0;
        for (var some : order) {
            CancelledException.ifInterrupted(done++, order.size());
            var batch = Arrays.stream(some).mapToObj(samples::get).toList();
            try (var step = model.manager().newSubManager()) {
                var each = pass.each(step, batch, false).toFloatArray();
                int from = 0;
                for (int i = 0; i < some.length; i++) {
                    int tokens = batch.get(i).answerTokens();
                    double sum = 0;
                    for (int label = from; label < from + tokens; label++) {
                        sum += each[label];
                    }
                    from += tokens;
                    if (!Double.isFinite(sum)) {
                        throw new DivergedException("the likelihood of an answer is " + sum);
                    }
                    rows.set(some[i], new AnswerLikelihood.Row(sum, tokens));
                }
            }
        }
        return rows;
    }

    /**
     * What the model answers, at every place the most probable token.
     *
     * @param most tokens of an answer
     * @param stops texts at which an answer ends, beside the model's end
     */
    List<String> texts(List<int[]> prompts, int most, List<String> stops) {
        var how = Generation.greedy(most).withStopTexts(stops.toArray(String[]::new));
        var texts = new Generator(model, tokenizer).write(prompts, how).strings();
        CancelledException.ifInterrupted(0, prompts.size()); // the last texts are cut
        return texts;
    }
}
