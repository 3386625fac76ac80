package org.lowrank.adapter;

import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The making of all pairs and adapters of a configuration, before any of them is attached. */
final class Injection {

    private final AdaptableModel model;
    private final LoraConfig config;
    private final LayerKind kind;
    private final Initialization start;
    private final StartContext context;
    private final List<String> targets;
    private final NDManager manager;
    private final CorrectedBase correctedBase;
    private final List<PairGroup> groups = new ArrayList<>();
    private final Map<String, LinearAdapter> adapters = new LinkedHashMap<>();
    private StepHook stepHook;

    /**
     * @throws IllegalArgumentException if a target is not in the model, or the kind cannot start so
     */
    Injection(
            AdaptableModel model,
            LoraConfig config,
            LayerKind kind,
            Initialization start,
            StartContext context) {
        this.model = model;
        this.config = config;
        this.kind = kind;
        this.start = start;
        this.context = context;
        kind.refusesInitialization(start)
                .ifPresent(
                        reason -> {
                            throw new IllegalArgumentException(reason);
                        });
        config.targetModules().forEach(model::untie);
        ModulesToSave.check(model, config);
        targets = TargetModules.select(model.linears(), config);
        if (start.correctsBase()) {
            targets.forEach(this::requireWritable);
        }
        manager = model.linears().get(targets.get(0)).manager().newSubManager();
        manager.setName("adapters");
        correctedBase = new CorrectedBase(manager);
    }

    private void requireWritable(String path) {
        if (model.linears().get(path).weight().isFixed()) {
            throw new IllegalArgumentException(
                    path
                            + " is held in few bits, and the initialization "
                            + config.initialization()
                            + " writes what is left of it back: open the model in precision float32,"
                            + " or take a start that leaves the base as it is");
        }
    }

    /**
     * The adapters on their layers.
     *
     * @throws IllegalArgumentException as {@link AdapterSet#inject}; the base is as it was then
     */
    AdapterSet attached() {
        try {
            paths().forEach(this::add);
            stepHook = kind.stepHook(adapters, context, manager).orElse(null);
            adapters.forEach((path, adapter) -> model.linears().get(path).attach(adapter));
            return new AdapterSet(model, config, kind, manager, this);
        } catch (RuntimeException e) {
            correctedBase.restore(model.linears());
            manager.close();
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
        TargetModules.requireMatch("rank_pattern", config.rankPattern().keySet(), targets);
        TargetModules.requireMatch("alpha_pattern", config.alphaPattern().keySet(), targets);
        var keys = new LinkedHashMap<PairGroup.Key, List<String>>();
        for (var path : targets) {
            var layer = linears.get(path);
            kind.refusesLayer(layer)
                    .ifPresent(
                            reason -> {
                                throw new IllegalArgumentException(path + ": " + reason);
                            });
            int rank = config.rank(path);
            checkRank(path, layer, rank);
            if (layer.adapter() != null) {
                throw new IllegalStateException(path + " carries an adapter already; close it");
            }
            var key = new PairGroup.Key(layer.out(), layer.in(), rank, scaling(path));
            keys.computeIfAbsent(key, k -> new ArrayList<>()).add(path);
        }
        return keys;
    }

    private double scaling(String path) {
        return kind.scaling(config.rank(path), config.loraAlpha(path), config.useRslora());
    }

    private void checkRank(String path, AdaptableLinear layer, int rank) {
        var largest = start.largestRank(layer);
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

    private void add(PairGroup.Key key, List<String> paths) {
        var starts = new ArrayList<Initialization.Start>();
        var names = new ArrayList<String>();
        int each = kind.pairsPerLayer();
        for (var path : paths) {
            var layer = model.linears().get(path);
            for (int i = 0; i < each; i++) {
                var name = each == 1 ? path : path + ".experts." + i;
                names.add(name);
                starts.add(start.start(name, layer, key.rank(), key.scaling(), context));
            }
        }
        var type = model.linears().get(paths.get(0)).weight().type();
        var group = new PairGroup(names, key, starts, type, manager);
        for (int i = 0; i < paths.size(); i++) {
            var layer = model.linears().get(paths.get(i));
            var pairs = group.pairs().subList(i * each, (i + 1) * each);
            if (start.correctsBase()) {
                correctedBase.correct(layer, pairs.get(0));
            }
            adapters.put(paths.get(i), kind.adapter(pairs, layer, config.loraDropout(), manager));
        }
        groups.add(group);
    }
}
