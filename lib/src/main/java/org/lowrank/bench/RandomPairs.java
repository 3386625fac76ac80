package org.lowrank.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;

/**
 * Random factors of full rank and gradients (float32) in the shapes of a model, equal shapes of all
 * blocks in one stack.
 */
record RandomPairs(List<PairStack> stacks, List<PairGradient> raw) {

    static RandomPairs of(NDManager manager, ModelShape model, int rank) {
        Map<List<Integer>, List<String>> paths = new LinkedHashMap<>();
        for (int layer = 0; layer < model.layers(); layer++) {
            for (var w : model.maps()) {
                paths.computeIfAbsent(List.of(w.out(), w.in()), k -> new ArrayList<>())
                        .add(layer + "." + w.name());
            }
        }
        var stacks = new ArrayList<PairStack>();
        var raw = new ArrayList<PairGradient>();
        paths.forEach(
                (shape, names) -> {
                    var ofA = new Shape(names.size(), rank, shape.get(1));
                    var ofB = new Shape(names.size(), shape.get(0), rank);
                    var a = random(manager, ofA);
                    stacks.add(new PairStack(names, a, random(manager, ofB), 2));
                    raw.add(new PairGradient(random(manager, ofA), random(manager, ofB)));
                });
        return new RandomPairs(stacks, raw);
    }

    private static NDArray random(NDManager manager, Shape shape) {
        return manager.randomNormal(0, 0.02f, shape, DataType.FLOAT32);
    }

    int pairs() {
        return stacks.stream().mapToInt(PairStack::size).sum();
    }
}
