package org.lowrank.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.lowrank.model.block.Autoregressive;
import org.lowrank.model.block.CausalModel;
import org.lowrank.model.block.EncoderDecoder;
import org.lowrank.model.block.Network;
import org.lowrank.model.generate.Generation;
import org.lowrank.model.generate.Generator;
import org.lowrank.text.TokenBatch;
import org.lowrank.weights.TensorSource;
import org.lowrank.weights.WholeNumbers;

/** What a network writes behind the prompts that another implementation was given. */
record GoldenTexts(Network network, TensorSource numbers) {

    void greedy() throws IOException {
        var prompts = prompts();
        var wanted = tails("gen.out.greedy");
        var how = Generation.greedy(wanted.get(0).size());
        var writer = new Generator((Autoregressive) network, Set.of());
        var seen = writer.write(prompts, how).texts();
        for (int row = 0; row < prompts.size(); row++) {
            assertEquals(wanted.get(row), seen.get(row).ids(), "row " + row);
            var alone = writer.write(List.of(prompts.get(row)), how);
            assertEquals(wanted.get(row), alone.texts().get(0).ids(), "alone, row " + row);
            var prompt = prompts.get(row);
            var anew =
                    network instanceof EncoderDecoder model
                            ? withoutMemory(model, prompt, how)
                            : withoutMemory(prompt, how);
            assertEquals(wanted.get(row), anew, "row " + row);
        }
        // one stops earlier: the other goes on as if alone
        int stop = wanted.get(0).get(2);
        var stopped = writer.write(prompts, how.withStopIds(stop)).texts();
        for (int row = 0; row < prompts.size(); row++) {
            var free = wanted.get(row);
            int end = free.contains(stop) ? free.indexOf(stop) + 1 : free.size();
            assertEquals(free.subList(0, end), stopped.get(row).ids(), "stopped row " + row);
        }
    }

    /** The whole text is read anew for each token. */
    private List<Integer> withoutMemory(int[] prompt, Generation how) {
        var writer = new Generator((CausalModel) network, Set.of());
        var text = prompt;
        for (int i = 0; i < how.maxNewTokens(); i++) {
            var next = writer.write(List.of(text), Generation.greedy(1)).ids(0);
            text = IntStream.concat(Arrays.stream(text), Arrays.stream(next)).toArray();
        }
        return Arrays.stream(text).skip(prompt.length).boxed().toList();
    }

    private static List<Integer> withoutMemory(EncoderDecoder model, int[] prompt, Generation how) {
        var text = new ArrayList<>(List.of(model.startId()));
        for (int i = 0; i < how.maxNewTokens(); i++) {
            try (var step = model.manager().newSubManager()) {
                var so = text.stream().mapToLong(Integer::longValue).toArray();
                var logits = model.logits(model.hidden(one(prompt, step), one(so, step), false));
                text.add((int) logits.get(text.size() - 1).argMax().getLong());
            }
        }
        return text.subList(1, text.size());
    }

    private static TokenBatch one(int[] text, NDManager step) {
        return one(Arrays.stream(text).asLongStream().toArray(), step);
    }

    private static TokenBatch one(long[] text, NDManager step) {
        var shape = new Shape(1, text.length);
        return new TokenBatch(step.create(text, shape), step.ones(shape));
    }

    void beams() throws IOException {
        var prompts = prompts();
        var wanted = tails("gen.out.beam3");
        var scores = numbers.floats("gen.out.beam3_scores");
        var how = Generation.greedy(wanted.get(0).size()).withNumBeams(3);
        var writer = new Generator((Autoregressive) network, Set.of());
        var seen = writer.write(prompts, how).texts();
        for (int row = 0; row < prompts.size(); row++) {
            assertEquals(wanted.get(row), seen.get(row).ids(), "row " + row);
            assertEquals(scores[row], seen.get(row).score(), 1e-5, "score of row " + row);
            var alone = writer.write(List.of(prompts.get(row)), how).texts().get(0);
            assertEquals(wanted.get(row), alone.ids(), "alone, row " + row);
        }
    }

    private List<int[]> prompts() throws IOException {
        var shape = numbers.info("gen.in.input_ids").shape();
        int length = Math.toIntExact(shape.get(1));
        var ids = longs("gen.in.input_ids");
        var mask = longs("gen.in.attention_mask");
        var prompts = new ArrayList<int[]>();
        for (int row = 0; row < shape.get(0); row++) {
            int from = row * length;
            prompts.add(
                    IntStream.range(from, from + length)
                            .filter(i -> mask[i] == 1)
                            .map(i -> Math.toIntExact(ids[i]))
                            .toArray());
        }
        return prompts;
    }

    /** What was added to each prompt. */
    private List<List<Integer>> tails(String name) throws IOException {
        int prompt =
                network instanceof EncoderDecoder
                        ? 1
                        : Math.toIntExact(numbers.info("gen.in.input_ids").shape().get(1));
        int all = Math.toIntExact(numbers.info(name).shape().get(1));
        var ids = longs(name);
        return IntStream.range(0, ids.length / all)
                .mapToObj(
                        row ->
                                IntStream.range(row * all + prompt, (row + 1) * all)
                                        .mapToObj(i -> Math.toIntExact(ids[i]))
                                        .toList())
                .toList();
    }

    private long[] longs(String name) throws IOException {
        return WholeNumbers.of(numbers, name);
    }
}
