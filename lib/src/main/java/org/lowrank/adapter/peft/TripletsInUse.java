package org.lowrank.adapter.peft;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.kind.AdaLoraAdapter;
import org.lowrank.adapter.kind.RankAllocator;

/**
 * What of an AdaLoRA set goes into a file: the triplets that take part, under one scaling. PEFT's
 * AdaLoRA has one rank and one alpha for all matrices; its {@code rank_pattern} are the flags of
 * the kept triplets, and its {@code alpha_pattern} is not read.
 */
final class TripletsInUse {

    private final AdapterSet set;
    private final Map<String, boolean[]> flags = new TreeMap<>();

    /**
     * @throws IllegalArgumentException if a pair has a rank of its own
     */
    TripletsInUse(AdapterSet set) {
        this.set = set;
        set.adapters().keySet().forEach(this::checkRank);
        set.stepHook()
                .filter(RankAllocator.class::isInstance)
                .map(hook -> ((RankAllocator) hook).kept())
                .orElse(Map.of())
                .forEach((path, kept) -> flags.put(path, withMoved(kept, adapter(path))));
    }

    private void checkRank(String path) {
        int usual = set.config().rank();
        int rank = set.config().rank(path);
        if (rank != usual) {
            throw new IllegalArgumentException(
                    ("PEFT's AdaLoRA has one initial rank for all matrices, but %s has rank %d, the"
                                    + " others %d: leave rankPattern empty to save for PEFT")
                            .formatted(path, rank, usual));
        }
    }

    private AdaLoraAdapter adapter(String path) {
        return (AdaLoraAdapter) set.adapters().get(path);
    }

    /**
     * A pruned E_i has a gradient, and moves until the next pruning: between two prunings it is
     * part of the model, whatever the last one kept.
     */
    private static boolean[] withMoved(boolean[] kept, AdaLoraAdapter adapter) {
        try (var view = adapter.singularValues().stopGradient();
                var wide = view.toType(DataType.FLOAT64, true)) {
            var values = wide.toDoubleArray();
            var inUse = new boolean[kept.length];
            for (int i = 0; i < kept.length; i++) {
                inUse[i] = kept[i] || values[i] != 0;
            }
            return inUse;
        }
    }

    /** Which triplets are in use, by path; empty if nothing was pruned, and all are. */
    Map<String, boolean[]> flags() {
        return Collections.unmodifiableMap(flags);
    }

    /** The rows of the triplets in use. */
    NDArray rows(NDArray array, String path) {
        var inUse = flags.get(path);
        if (inUse == null) {
            return array;
        }
        // not booleanMask: DJL masks whole arrays and last axes only
        var places = IntStream.range(0, inUse.length).filter(i -> inUse[i]).asLongStream();
        return array.get(array.getManager().create(places.toArray()));
    }

    /**
     * E as a column, under the scaling that the file states: an alpha of the pair's own goes into
     * E, as s B E A = s' B (s/s' E) A.
     *
     * @param e of the pair, (r)
     * @param owner of the result
     */
    NDArray singularValues(NDArray e, String path, NDManager owner) {
        double ratio = set.config().loraAlpha(path) / set.config().loraAlpha();
        if (ratio == 1) {
            return e.reshape(-1, 1);
        }
        try (var scratch = owner.newSubManager()) {
            var wide = e.toType(DataType.FLOAT64, true);
            wide.attach(scratch);
            var column =
                    wide.muli(scratch.create(ratio)).toType(e.getDataType(), false).reshape(-1, 1);
            column.attach(owner);
            return column;
        }
    }
}
