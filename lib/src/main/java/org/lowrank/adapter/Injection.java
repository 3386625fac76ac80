package org.lowrank.adapter;

import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/** The making of all pairs and adapters of a configuration, before any of them is attached. */
final class Injection {

    private final AdaptableModel model;
    private final LoraConfig config;
    private final NDManager manager;
    private final CorrectedBase correctedBase;
    private final List<PairGroup> groups = new ArrayList<>();
    private final Map<String, LinearAdapter> adapters = new LinkedHashMap<>();
    private StepHook stepHook;

    private Injection(AdaptableModel model, LoraConfig config, NDManager manager) {
        this.model = model;
        this.config = config;
        this.manager = manager;
        correctedBase = new CorrectedBase(manager);
    }

    /**
     * @param owner of every array that is made
     * @throws IllegalArgumentException as {@link AdapterSet#inject}; the base is as it was then
     */
    static Injection prepare(AdaptableModel model, LoraConfig config, long seed, NDManager owner) {
        var injection = new Injection(model, config, owner);
        try {
            injection.paths().forEach((key, paths) -> injection.add(paths, key, seed));
            injection.stepHook = config.kind().stepHook(injection.adapters, owner).orElse(null);
            return injection;
        } catch (RuntimeException e) {
            injection.correctedBase.restore(model.linears());
            throw e;
        }
    }

    List<PairGroup> groups() {
        return groups;
    }

    Map<String, LinearAdapter> adapters() {
        return adapters;
    }

    CorrectedBase correctedBase() {
        return correctedBase;
    }

    /** What the layer kind adds to a step, or null. */
    StepHook stepHook() {
        return stepHook;
    }

    /** The targeted paths by what pairs of one stack must share. */
    private Map<PairGroup.Key, List<String>> paths() {
        var linears = model.linears();
        var keys = new LinkedHashMap<PairGroup.Key, List<String>>();
        for (var path : TargetModules.select(linears.keySet(), config.targetModules())) {
            var layer = linears.get(path);
            int rank = config.rank(path);
            checkRank(path, layer, rank);
            if (layer.adapter() != null) {
                throw new IllegalStateException(path + " carries an adapter already; close it");
            }
            var key = new PairGroup.Key(layer.out(), layer.in(), rank, config.scaling(path));
            keys.computeIfAbsent(key, k -> new ArrayList<>()).add(path);
        }
        return keys;
    }

    private void checkRank(String path, AdaptableLinear layer, int rank) {
        var largest = config.initialization().largestRank(layer);
        if (rank > largest) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "rank %d is larger than min(out, in) = %d of %s (%d x %d); choose a rank"
                                    + " from 1 to %d",
                            rank,
                            largest,
                            path,
                            layer.out(),
                            layer.in(),
                            largest));
        }
    }

    private void add(List<String> paths, PairGroup.Key key, long seed) {
        var starts = new ArrayList<Initialization.Factors>();
        for (var path : paths) {
            var random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + path.hashCode());
            var layer = model.linears().get(path);
            starts.add(
                    config.initialization().start(path, layer, key.rank(), key.scaling(), random));
        }
        var type = model.linears().get(paths.get(0)).weight().type();
        var group = new PairGroup(paths, key, starts, type, manager);
        for (var pair : group.pairs()) {
            var layer = model.linears().get(pair.path());
            if (config.initialization().correctsBase()) {
                correctedBase.correct(layer, pair);
            }
            adapters.put(
                    pair.path(), config.kind().adapter(pair, layer, config.loraDropout(), manager));
        }
        groups.add(group);
    }
}
