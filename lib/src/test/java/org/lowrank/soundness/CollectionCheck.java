package org.lowrank.soundness;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.LinkedHashMap;
import java.util.Map;
import org.lowrank.engine.Arrays;

/**
 * Repeats one forward and backward pass with a garbage collection between the two, and compares the
 * gradients bit by bit. A graph that refers to memory of Java's fails it; {@link
 * org.lowrank.engine.GraphConstants} says how that comes about.
 */
final class CollectionCheck {

    private CollectionCheck() {}

    /**
     * @throws AssertionError naming the case, the pass, the leaf and the element that differs from
     *     the pass without a collection
     */
    static void passes(GraphCase graphCase, int passes) {
        try (var manager = NDManager.newBaseManager()) {
            var graph = graphCase.build().apply(manager);
            var expected = gradients(graph, manager, false);
            for (var entry : expected.entrySet()) {
                requireMoved(graphCase, entry.getKey(), entry.getValue());
            }
            for (int pass = 1; pass <= passes; pass++) {
                compare(graphCase, pass, expected, gradients(graph, manager, true));
            }
        }
    }

    private static Map<String, float[]> gradients(
            GraphCase.Graph graph, NDManager manager, boolean collect) {
        Engine.getInstance().setRandomSeed(5);
        try (var step = manager.newSubManager();
                var collector = Engine.getInstance().newGradientCollector()) {
            var loss = graph.loss().apply(step);
            if (collect) {
                ForcedCollection.run();
            }
            collector.backward(loss);
        }
        var gradients = new LinkedHashMap<String, float[]>();
        for (var leaf : graph.leaves().entrySet()) {
            try (NDArray gradient = leaf.getValue().getGradient()) {
                gradients.put(leaf.getKey(), gradient.toFloatArray());
            }
            Arrays.zeroGradient(leaf.getValue());
        }
        return gradients;
    }

    private static void requireMoved(GraphCase graphCase, String leaf, float[] gradient) {
        for (float value : gradient) {
            if (value != 0) {
                return;
            }
        }
        throw new AssertionError(
                graphCase + ": the gradient of " + leaf + " is zero, so that nothing is tested");
    }

    private static void compare(
            GraphCase graphCase, int pass, Map<String, float[]> expected, Map<String, float[]> is) {
        expected.forEach(
                (leaf, values) -> {
                    var now = is.get(leaf);
                    for (int i = 0; i < values.length; i++) {
                        if (Float.floatToRawIntBits(values[i]) != Float.floatToRawIntBits(now[i])) {
                            throw new AssertionError(
                                    String.format(
                                            "%s, pass %d: the gradient of %s has %s at %d where it"
                                                    + " had %s: the graph refers to memory that a"
                                                    + " collection frees, or draws at random",
                                            graphCase, pass, leaf, now[i], i, values[i]));
                        }
                    }
                });
    }
}
