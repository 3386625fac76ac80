package org.lowrank.experiment.memory;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.config.Choice;
import org.lowrank.optim.Optimizers;

/**
 * What an optimizer keeps of a pair: a · r(m + n) + b · m n + c · r², found from three small pairs
 * that it moves by one step.
 */
record StateLaw(double ofFactors, double ofWeight, double ofGram) {

    private static final int[][] PROBES = {{8, 8, 2}, {16, 8, 2}, {8, 8, 4}};

    /** Of the library's own optimizers, which do not change while it runs. */
    private static final Map<Choice, StateLaw> KNOWN = new ConcurrentHashMap<>();

    static StateLaw of(Choice optimizer) {
        return Optimizers.isOfThisSession(optimizer.name())
                ? found(optimizer)
                : KNOWN.computeIfAbsent(optimizer, StateLaw::found);
    }

    private static StateLaw found(Choice optimizer) {
        var terms = new DMatrixRMaj(PROBES.length, PROBES.length);
        var bytes = new DMatrixRMaj(PROBES.length, 1);
        for (int i = 0; i < PROBES.length; i++) {
            int m = PROBES[i][0];
            int n = PROBES[i][1];
            int r = PROBES[i][2];
            terms.set(i, 0, r * (m + n));
            terms.set(i, 1, m * n);
            terms.set(i, 2, r * r);
            bytes.set(i, 0, probe(optimizer, m, n, r));
        }
        var law = new DMatrixRMaj(PROBES.length, 1);
        CommonOps_DDRM.solve(terms, bytes, law);
        return new StateLaw(law.get(0), law.get(1), law.get(2));
    }

    private static double probe(Choice choice, int m, int n, int r) {
        try (var manager = NDManager.newBaseManager();
                var optimizer = Optimizers.create(choice)) {
            var a = new Shape(1, r, n);
            var b = new Shape(1, m, r);
            var stack = new PairStack(List.of("probe"), random(manager, a), random(manager, b), 1);
            var raw = new PairGradient(random(manager, a), random(manager, b));
            optimizer.step(List.of(stack), List.of(raw), 1e-3);
            return optimizer.stateBytes();
        }
    }

    private static NDArray random(NDManager manager, Shape shape) {
        return manager.randomNormal(0, 1, shape, DataType.FLOAT32);
    }

    double bytes(List<ModelSize.LinearMap> maps, long rank) {
        return maps.stream()
                .mapToDouble(
                        map ->
                                ofFactors * rank * (map.out() + map.in())
                                        + ofWeight * map.size()
                                        + ofGram * rank * rank)
                .sum();
    }
}
