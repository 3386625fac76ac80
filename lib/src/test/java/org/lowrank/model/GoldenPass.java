package org.lowrank.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.IntStream;
import org.lowrank.model.block.CausalModel;
import org.lowrank.model.block.EmbeddingTable;
import org.lowrank.model.block.EncoderDecoder;
import org.lowrank.model.block.Network;
import org.lowrank.model.head.SentenceClassifier;
import org.lowrank.model.head.TokenLoss;
import org.lowrank.task.Losses;
import org.lowrank.text.TokenBatch;
import org.lowrank.weights.TensorSource;
import org.lowrank.weights.WholeNumbers;

/** One pass of a network over the inputs that another implementation was given. */
record GoldenPass(Network network, TensorSource numbers) {

    float[] logits(long[] positions, NDManager step) throws IOException {
        var batch = batch(step);
        if (network instanceof CausalModel causal) {
            var at = new CausalModel.Passage(rows(positions), null);
            return causal.logits(causal.hidden(batch.ids(), batch.mask(), at, false))
                    .toFloatArray();
        } else if (network instanceof EncoderDecoder model) {
            return model.logits(model.hidden(batch, written(step), false)).toFloatArray();
        }
        return ((SentenceClassifier) network).forward(batch, false).toFloatArray();
    }

    NDArray loss(NDManager step) throws IOException {
        var labels = longs("in.labels");
        var batch = batch(step);
        if (network instanceof SentenceClassifier classifier) {
            var classes = Arrays.stream(labels).mapToInt(Math::toIntExact).toArray();
            return Losses.crossEntropy(step, classifier.forward(batch, true), classes, 1);
        }
        if (network instanceof EncoderDecoder model) {
            var asked = IntStream.range(0, labels.length).filter(i -> labels[i] >= 0);
            var at = step.create(asked.asLongStream().toArray());
            var hidden = EmbeddingTable.rows(model.hidden(batch, written(step), true), at);
            var answers = step.create(Arrays.stream(labels).filter(l -> l >= 0).toArray());
            return TokenLoss.each(model.logits(hidden), answers).mean();
        }
        var places = places(step);
        var logits = ((CausalModel) network).logits(batch, places.get(0), true);
        return TokenLoss.each(logits, places.get(1)).mean();
    }

    /** The graph of one layer at a time: the same bits, for the whole model and for dropout off. */
    void gradientsByLayer() throws IOException {
        network.train(true);
        backward();
        var wanted = new LinkedHashMap<String, float[]>();
        for (var entry : network.parameters().entrySet()) {
            try (var gradient = entry.getValue().getGradient()) {
                wanted.put(entry.getKey(), gradient.toFloatArray());
            }
            org.lowrank.engine.Arrays.zeroGradient(entry.getValue());
        }
        try (var step = network.manager().newSubManager()) {
            var places = places(step);
            var loss =
                    ((CausalModel) network)
                            .backwardByLayer(
                                    batch(step),
                                    7,
                                    hidden -> {
                                        var rows = EmbeddingTable.rows(hidden, places.get(0));
                                        var logits = ((CausalModel) network).logits(rows);
                                        return TokenLoss.each(logits, places.get(1)).mean();
                                    });
            assertEquals(loss(step).getFloat(), loss.getFloat(), "loss");
        }
        for (var entry : network.parameters().entrySet()) {
            try (var gradient = entry.getValue().getGradient()) {
                assertArrayEquals(
                        wanted.get(entry.getKey()), gradient.toFloatArray(), entry.getKey());
            }
        }
    }

    static void compareRelative(String name, float[] wanted, float[] seen, double tolerance) {
        assertEquals(wanted.length, seen.length, name);
        double largest = 0;
        for (float w : wanted) {
            largest = Math.max(largest, Math.abs(w));
        }
        for (int i = 0; i < wanted.length; i++) {
            assertEquals(wanted[i], seen[i], tolerance * largest, name + " at " + i);
        }
    }

    void backward() throws IOException {
        try (var step = network.manager().newSubManager();
                var collector = Engine.getInstance().newGradientCollector()) {
            collector.zeroGradients();
            collector.backward(loss(step));
        }
    }

    /** What the decoder is given: the labels behind the id that all begin with. */
    private TokenBatch written(NDManager step) throws IOException {
        var labels = longs("in.labels");
        var shape = new Shape(numbers.info("in.labels").dimensions());
        var ids = new long[labels.length];
        for (int i = 0; i < ids.length; i++) {
            boolean first = i % shape.get(1) == 0;
            ids[i] = first ? ((EncoderDecoder) network).startId() : Math.max(0, labels[i - 1]);
        }
        return new TokenBatch(step.create(ids, shape), step.ones(shape));
    }

    /** Where an answer is asked for, and the answers. */
    List<NDArray> places(NDManager step) throws IOException {
        var labels = longs("in.labels");
        int length = Math.toIntExact(numbers.info("in.input_ids").shape().get(1));
        var places = new ArrayList<Long>();
        var answers = new ArrayList<Long>();
        for (int i = 0; i < labels.length; i++) {
            if (i % length > 0 && labels[i] >= 0) {
                places.add(i - 1L);
                answers.add(labels[i]);
            }
        }
        var at = step.create(places.stream().mapToLong(Long::longValue).toArray());
        return List.of(at, step.create(answers.stream().mapToLong(Long::longValue).toArray()));
    }

    TokenBatch batch(NDManager step) throws IOException {
        var info = numbers.info("in.input_ids");
        var shape = new Shape(info.dimensions());
        var ids = step.create(longs("in.input_ids"), shape);
        var mask = step.create(longs("in.attention_mask"), shape);
        var types =
                numbers.names().contains("in.token_type_ids")
                        ? step.create(longs("in.token_type_ids"), shape)
                        : null;
        return new TokenBatch(ids, mask.toType(DataType.FLOAT32, true), types);
    }

    private long[][] rows(long[] positions) throws IOException {
        if (positions == null) {
            return null;
        }
        int length = Math.toIntExact(numbers.info("in.input_ids").shape().get(1));
        var rows = new long[positions.length / length][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Arrays.copyOfRange(positions, i * length, (i + 1) * length);
        }
        return rows;
    }

    private long[] longs(String name) throws IOException {
        return WholeNumbers.of(numbers, name);
    }
}
