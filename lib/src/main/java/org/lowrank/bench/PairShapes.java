package org.lowrank.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;

/**
 * The adapted weights of a model by shape.
 *
 * @param name for tables
 * @param groups weights of equal shape
 */
record PairShapes(String name, List<Group> groups) {

    /** {@code count} weights (out, in). */
    record Group(int count, long out, long in) {}

    /** Six layers of width 384: every linear map. */
    static final PairShapes MINILM =
            new PairShapes(
                    "MiniLM, 36 pairs",
                    List.of(
                            new Group(24, 384, 384),
                            new Group(6, 1536, 384),
                            new Group(6, 384, 1536)));

    /** Twelve layers of width 768: every linear map. */
    static final PairShapes BERT_BASE =
            new PairShapes(
                    "BERT-base, 72 pairs",
                    List.of(
                            new Group(48, 768, 768),
                            new Group(12, 3072, 768),
                            new Group(12, 768, 3072)));

    /** One of the 32 layers of a 7B Llama; the whole model takes 32 times as long. */
    static final PairShapes LLAMA_7B_LAYER =
            new PairShapes(
                    "Llama 7B, one layer, 7 pairs",
                    List.of(
                            new Group(4, 4096, 4096),
                            new Group(2, 11008, 4096),
                            new Group(1, 4096, 11008)));

    int pairs() {
        return groups.stream().mapToInt(Group::count).sum();
    }

    /** Numbers of all weights. */
    long weightSize() {
        return groups.stream().mapToLong(g -> g.count() * g.out() * g.in()).sum();
    }

    /** Factors with A and B of full rank, alpha = 2 r. */
    List<PairStack> stacks(NDManager manager, int rank) {
        var stacks = new ArrayList<PairStack>();
        for (var group : groups) {
            var paths =
                    IntStream.range(0, group.count())
                            .mapToObj(i -> group.out() + "x" + group.in() + "." + i)
                            .toList();
            stacks.add(
                    new PairStack(
                            paths,
                            normal(manager, 0.05f, group.count(), rank, group.in()),
                            normal(manager, 0.01f, group.count(), group.out(), rank),
                            2));
        }
        return stacks;
    }

    /** Gradients of the size that training has. */
    static List<PairGradient> gradients(NDManager manager, List<PairStack> stacks) {
        return stacks.stream()
                .map(
                        s ->
                                new PairGradient(
                                        normal(manager, 1e-3f, s.loraA().getShape().getShape()),
                                        normal(manager, 1e-3f, s.loraB().getShape().getShape())))
                .toList();
    }

    private static NDArray normal(NDManager manager, float deviation, long... shape) {
        return manager.randomNormal(
                0, deviation, new Shape(shape), ai.djl.ndarray.types.DataType.FLOAT32);
    }
}
