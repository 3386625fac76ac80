package org.lowrank.adapter;

import java.util.List;

/**
 * Where adapters go and how large they are. Names are PEFT's.
 *
 * @param rank r
 * @param loraAlpha alpha; the scaling is alpha/r, or alpha/sqrt(r) with {@code useRslora}
 * @param loraDropout probability of dropout on the input of the adapter path, 0 for none
 * @param useRslora rank-stabilised scaling
 * @param targetModules suffixes of module paths ({@code query}, {@code attention.output.dense}); a
 *     single {@code all-linear} stands for every linear map of the encoder blocks
 * @param initialization how A and B start
 */
public record LoraConfig(
        int rank,
        double loraAlpha,
        double loraDropout,
        boolean useRslora,
        List<String> targetModules,
        Initialization initialization) {

    /** The word that targets every linear map. */
    public static final String ALL_LINEAR = "all-linear";

    public LoraConfig {
        if (rank < 1) {
            throw new IllegalArgumentException("rank must be at least 1, not " + rank);
        }
        if (!(loraAlpha > 0) || Double.isInfinite(loraAlpha)) {
            throw new IllegalArgumentException("loraAlpha must be positive, not " + loraAlpha);
        }
        if (!(loraDropout >= 0 && loraDropout < 1)) {
            throw new IllegalArgumentException("loraDropout must be in [0, 1), not " + loraDropout);
        }
        targetModules = List.copyOf(targetModules);
        if (targetModules.isEmpty()) {
            throw new IllegalArgumentException(
                    "targetModules is empty: name the modules to adapt, or " + ALL_LINEAR);
        }
    }

    /** LoRA of the given rank on all linear maps: alpha = 2r, no dropout, Kaiming A and B = 0. */
    public static LoraConfig ofRank(int rank) {
        return new LoraConfig(
                rank, 2.0 * rank, 0, false, List.of(ALL_LINEAR), Initialization.KAIMING);
    }

    public LoraConfig withLoraAlpha(double alpha) {
        return new LoraConfig(rank, alpha, loraDropout, useRslora, targetModules, initialization);
    }

    public LoraConfig withLoraDropout(double dropout) {
        return new LoraConfig(rank, loraAlpha, dropout, useRslora, targetModules, initialization);
    }

    public LoraConfig withRslora(boolean rslora) {
        return new LoraConfig(rank, loraAlpha, loraDropout, rslora, targetModules, initialization);
    }

    public LoraConfig withTargetModules(String... modules) {
        return new LoraConfig(
                rank, loraAlpha, loraDropout, useRslora, List.of(modules), initialization);
    }

    public LoraConfig withInitialization(Initialization start) {
        return new LoraConfig(rank, loraAlpha, loraDropout, useRslora, targetModules, start);
    }

    /** s of W0 + sBA. */
    public double scaling() {
        return loraAlpha / (useRslora ? Math.sqrt(rank) : rank);
    }
}
