package org.lowrank.adapter;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where adapters go, of which kind and how large they are. Names are PEFT's.
 *
 * @param kind LoRA, DoRA or AdaLoRA
 * @param rank r
 * @param loraAlpha alpha; the scaling is alpha/r, or alpha/sqrt(r) with {@code useRslora}
 * @param loraDropout probability of dropout on the input of the adapter path, 0 for none
 * @param useRslora rank-stabilised scaling
 * @param targetModules suffixes of module paths ({@code query}, {@code attention.output.dense}); a
 *     single {@code all-linear} stands for every linear map of the encoder blocks
 * @param initialization how A and B start
 * @param rankPattern other ranks by pattern of module path; the first pattern that matches counts
 * @param alphaPattern other alphas by pattern of module path
 * @param modulesToSave modules of the base that are trained and saved whole beside the adapters
 *     (head, norms, embeddings), as suffixes of module paths
 */
public record LoraConfig(
        LayerKind kind,
        int rank,
        double loraAlpha,
        double loraDropout,
        boolean useRslora,
        List<String> targetModules,
        Initialization initialization,
        Map<String, Integer> rankPattern,
        Map<String, Double> alphaPattern,
        List<String> modulesToSave) {

    /** The word that targets every linear map. */
    public static final String ALL_LINEAR = "all-linear";

    public LoraConfig {
        checkRank(rank);
        checkAlpha(loraAlpha);
        if (!(loraDropout >= 0 && loraDropout < 1)) {
            throw new IllegalArgumentException("loraDropout must be in [0, 1), not " + loraDropout);
        }
        targetModules = List.copyOf(targetModules);
        if (targetModules.isEmpty()) {
            throw new IllegalArgumentException(
                    "targetModules is empty: name the modules to adapt, or " + ALL_LINEAR);
        }
        rankPattern = Collections.unmodifiableMap(new LinkedHashMap<>(rankPattern));
        rankPattern.values().forEach(LoraConfig::checkRank);
        alphaPattern = Collections.unmodifiableMap(new LinkedHashMap<>(alphaPattern));
        alphaPattern.values().forEach(LoraConfig::checkAlpha);
        modulesToSave = List.copyOf(modulesToSave);
    }

    private static void checkRank(int rank) {
        if (rank < 1) {
            throw new IllegalArgumentException("rank must be at least 1, not " + rank);
        }
    }

    private static void checkAlpha(double alpha) {
        if (!(alpha > 0) || Double.isInfinite(alpha)) {
            throw new IllegalArgumentException("loraAlpha must be positive, not " + alpha);
        }
    }

    /** LoRA of the given rank on all linear maps: alpha = 2r, no dropout, Kaiming A and B = 0. */
    public static LoraConfig ofRank(int rank) {
        return new LoraConfig(
                LayerKind.LORA,
                rank,
                2.0 * rank,
                0,
                false,
                List.of(ALL_LINEAR),
                Initialization.KAIMING,
                Map.of(),
                Map.of(),
                List.of());
    }

    /** Another kind, and the start that belongs to it if it has one of its own. */
    public LoraConfig withKind(LayerKind other) {
        return new LoraConfig(
                other,
                rank,
                loraAlpha,
                loraDropout,
                useRslora,
                targetModules,
                other.ownInitialization().orElse(initialization),
                rankPattern,
                alphaPattern,
                modulesToSave);
    }

    public LoraConfig withLoraAlpha(double alpha) {
        return new LoraConfig(
                kind,
                rank,
                alpha,
                loraDropout,
                useRslora,
                targetModules,
                initialization,
                rankPattern,
                alphaPattern,
                modulesToSave);
    }

    public LoraConfig withLoraDropout(double dropout) {
        return new LoraConfig(
                kind,
                rank,
                loraAlpha,
                dropout,
                useRslora,
                targetModules,
                initialization,
                rankPattern,
                alphaPattern,
                modulesToSave);
    }

    public LoraConfig withRslora(boolean rslora) {
        return new LoraConfig(
                kind,
                rank,
                loraAlpha,
                loraDropout,
                rslora,
                targetModules,
                initialization,
                rankPattern,
                alphaPattern,
                modulesToSave);
    }

    public LoraConfig withTargetModules(String... modules) {
        return new LoraConfig(
                kind,
                rank,
                loraAlpha,
                loraDropout,
                useRslora,
                List.of(modules),
                initialization,
                rankPattern,
                alphaPattern,
                modulesToSave);
    }

    public LoraConfig withInitialization(Initialization start) {
        return new LoraConfig(
                kind,
                rank,
                loraAlpha,
                loraDropout,
                useRslora,
                targetModules,
                start,
                rankPattern,
                alphaPattern,
                modulesToSave);
    }

    /** Other ranks and alphas for the modules that match a pattern. */
    public LoraConfig withPatterns(Map<String, Integer> ranks, Map<String, Double> alphas) {
        return new LoraConfig(
                kind,
                rank,
                loraAlpha,
                loraDropout,
                useRslora,
                targetModules,
                initialization,
                ranks,
                alphas,
                modulesToSave);
    }

    public LoraConfig withModulesToSave(String... modules) {
        return new LoraConfig(
                kind,
                rank,
                loraAlpha,
                loraDropout,
                useRslora,
                targetModules,
                initialization,
                rankPattern,
                alphaPattern,
                List.of(modules));
    }

    /** r of the module at a path. */
    public int rank(String path) {
        return TargetModules.firstMatch(path, rankPattern).orElse(rank);
    }

    /** alpha of the module at a path. */
    public double loraAlpha(String path) {
        return TargetModules.firstMatch(path, alphaPattern).orElse(loraAlpha);
    }

    /** s of W0 + sBA of the module at a path. */
    public double scaling(String path) {
        return kind.scaling(rank(path), loraAlpha(path), useRslora);
    }

    /** s of W0 + sBA where no pattern matches. */
    public double scaling() {
        return kind.scaling(rank, loraAlpha, useRslora);
    }
}
