package org.lowrank.optim;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;
import org.ejml.dense.row.RandomMatrices_DDRM;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;

/**
 * Adapter pairs with the loss ½ Σ |s B A − T|², whose full gradient s B A − T is formed on the
 * host, apart from anything that is under test.
 */
final class QuadraticPairs implements AutoCloseable {

    static final double SCALING = 2;

    /** One pair's start and target. */
    record Start(String path, DMatrixRMaj a, DMatrixRMaj b, DMatrixRMaj target) {

        Start withFactors(DMatrixRMaj newA, DMatrixRMaj newB) {
            return new Start(path, newA, newB, target);
        }
    }

    private final NDManager manager = NDManager.newBaseManager();
    private final DataType type;
    private final Map<String, Start> starts = new LinkedHashMap<>();
    private final List<PairStack> stacks = new ArrayList<>();

    /** Stacks of the given pairs; those of one stack have one shape. */
    QuadraticPairs(DataType type, List<List<Start>> groups) {
        this.type = type;
        for (var group : groups) {
            group.forEach(start -> starts.put(start.path(), start));
            stacks.add(
                    new PairStack(
                            group.stream().map(Start::path).toList(),
                            Matrices.stack(
                                    manager,
                                    type,
                                    group.stream().map(Start::a).toArray(DMatrixRMaj[]::new)),
                            Matrices.stack(
                                    manager,
                                    type,
                                    group.stream().map(Start::b).toArray(DMatrixRMaj[]::new)),
                            SCALING));
        }
    }

    /** Three pairs (8, 6) and two (5, 9), rank 2. */
    static List<List<Start>> fivePairs(long seed) {
        var random = new Random(seed);
        return List.of(
                List.of(
                        start("layer.0.query", 8, 6, 2, random),
                        start("layer.0.value", 8, 6, 2, random),
                        start("layer.1.query", 8, 6, 2, random)),
                List.of(
                        start("layer.0.output", 5, 9, 2, random),
                        start("layer.1.output", 5, 9, 2, random)));
    }

    static Start start(String path, int out, int in, int rank, Random random) {
        return new Start(
                path,
                RandomMatrices_DDRM.rectangle(rank, in, -1, 1, random),
                RandomMatrices_DDRM.rectangle(out, rank, -1, 1, random),
                RandomMatrices_DDRM.rectangle(out, in, -1, 1, random));
    }

    NDManager manager() {
        return manager;
    }

    List<PairStack> stacks() {
        return stacks;
    }

    DMatrixRMaj a(String path) {
        return factor(path, true);
    }

    DMatrixRMaj b(String path) {
        return factor(path, false);
    }

    private DMatrixRMaj factor(String path, boolean a) {
        for (var stack : stacks) {
            int layer = stack.paths().indexOf(path);
            if (layer >= 0) {
                return Matrices.layer(a ? stack.loraA() : stack.loraB(), layer);
            }
        }
        throw new AssertionError("no pair " + path);
    }

    List<String> paths() {
        return List.copyOf(starts.keySet());
    }

    /** s B A. */
    DMatrixRMaj delta(String path) {
        return Matrices.scaled(SCALING, Matrices.product(b(path), a(path)));
    }

    private DMatrixRMaj fullGradient(String path) {
        var gradient = delta(path);
        CommonOps_DDRM.subtractEquals(gradient, starts.get(path).target());
        return gradient;
    }

    double loss() {
        return starts.keySet().stream()
                .mapToDouble(path -> 0.5 * Math.pow(NormOps_DDRM.normF(fullGradient(path)), 2))
                .sum();
    }

    /** The raw LoRA gradients, times a factor. */
    List<PairGradient> gradients(double factor) {
        var gradients = new ArrayList<PairGradient>();
        for (var stack : stacks) {
            var a = new ArrayList<DMatrixRMaj>();
            var b = new ArrayList<DMatrixRMaj>();
            for (var path : stack.paths()) {
                var full = Matrices.scaled(SCALING * factor, fullGradient(path));
                a.add(CommonOps_DDRM.multTransA(b(path), full, null));
                b.add(CommonOps_DDRM.multTransB(full, a(path), null));
            }
            gradients.add(
                    new PairGradient(
                            Matrices.stack(manager, type, a.toArray(DMatrixRMaj[]::new)),
                            Matrices.stack(manager, type, b.toArray(DMatrixRMaj[]::new))));
        }
        return gradients;
    }

    void step(PairOptimizer optimizer, double rate) {
        step(optimizer, rate, 1);
    }

    /** One step along the gradients times a factor. */
    void step(PairOptimizer optimizer, double rate, double factor) {
        var gradients = gradients(factor);
        try {
            optimizer.step(stacks, gradients, rate);
        } finally {
            gradients.forEach(PairGradient::close);
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
