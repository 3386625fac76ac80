package org.lowrank.optim;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The table of optimizers that the contract tests run over: every registered one, and more. */
final class OptimizerCases {

    /** Numbers of state of a pair (m, n, r), in bytes for factors of the given size a number. */
    interface StateBytes {
        long of(long m, long n, long r, long size);
    }

    /**
     * @param rate a learning rate at which it descends
     * @param shrinkA what a decay of λ at rate η makes of A, per moving step
     * @param invertsGrams whether a singular Gram matrix is refused at damping 0
     * @param movesA whether A moves at all
     */
    record Case(
            String name,
            String method,
            Map<String, Object> options,
            double rate,
            StateBytes stateBytes,
            boolean invertsGrams,
            boolean movesA,
            Shrink shrink) {

        PairOptimizer create() {
            return Optimizers.create(method, options);
        }

        /** The same with other options. */
        PairOptimizer createWith(Map<String, Object> more) {
            var all = new HashMap<>(options);
            all.putAll(more);
            all.keySet().retainAll(Optimizers.options(method).keySet());
            return Optimizers.create(method, all);
        }

        boolean has(String option) {
            return Optimizers.options(method).containsKey(option);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** The factor by which decay shrinks a factor in a step, from η λ. */
    enum Shrink {
        /** 1 − η λ. */
        BOTH,
        /** 1 − η λ for A, 1 − 16 η λ for B. */
        LORA_PLUS,
        /** √(1 − η λ) each, so that the product shrinks by 1 − η λ. */
        ROOT;

        double ofA(double rateTimesDecay) {
            return this == ROOT ? Math.sqrt(1 - rateTimesDecay) : 1 - rateTimesDecay;
        }

        double ofB(double rateTimesDecay) {
            return this == LORA_PLUS ? 1 - 16 * rateTimesDecay : ofA(rateTimesDecay);
        }
    }

    private static final StateBytes NONE = (m, n, r, size) -> 0;
    private static final StateBytes ONE_MOMENT = (m, n, r, size) -> r * (m + n) * size;
    private static final StateBytes TWO_MOMENTS = (m, n, r, size) -> 2 * r * (m + n) * size;
    private static final StateBytes THREE = (m, n, r, size) -> 3 * r * (m + n) * size;
    private static final StateBytes MOMENTS_OF_B = (m, n, r, size) -> 2 * r * m * size;
    private static final StateBytes MOMENTS_OF_W = (m, n, r, size) -> 2 * m * n * size;
    private static final StateBytes RITE =
            (m, n, r, size) -> 2 * r * (m + n) * size + 2 * r * r * 8;
    private static final StateBytes RITE_ESCAPE = (m, n, r, size) -> RITE.of(m, n, r, size) + 2 * 8;

    private static final List<Case> ALL =
            List.of(
                    of("sgd", 0.04, NONE, false),
                    of("adamw", 0.04, TWO_MOMENTS, false),
                    new Case(
                            "lora_plus",
                            "lora_plus",
                            Map.of(),
                            0.01,
                            TWO_MOMENTS,
                            false,
                            true,
                            Shrink.LORA_PLUS),
                    fa("lora_fa", false),
                    fa("lora_fa_projected", true),
                    of("lora_pro_sgd", 0.2, NONE, true),
                    with("lora_pro_sgd zero", "lora_pro_sgd", "x", "ZERO", 0.2, NONE),
                    with("lora_pro_sgd symmetric", "lora_pro_sgd", "x", "SYMMETRIC", 0.2, NONE),
                    of("lora_pro", 0.04, TWO_MOMENTS, true),
                    with("lora_pro zero", "lora_pro", "x", "ZERO", 0.04, TWO_MOMENTS),
                    with("lora_pro symmetric", "lora_pro", "x", "symmetric", 0.04, TWO_MOMENTS),
                    with("lora_pro random", "lora_pro", "x", "RANDOM", 0.04, TWO_MOMENTS),
                    full("lora_pro_full"),
                    full("lora_pro_full_released"),
                    of("altlora", 0.2, TWO_MOMENTS, true),
                    with("altlora b first", "altlora", "order", "B_FIRST", 0.2, TWO_MOMENTS),
                    with("altlora joint", "altlora", "order", "JOINT", 0.2, TWO_MOMENTS),
                    with("altlora unaligned", "altlora", "aligned", false, 0.2, ONE_MOMENT),
                    of("adamw_alternating", 0.03, TWO_MOMENTS, false),
                    of("altlora_plus", 0.04, THREE, true),
                    with("altlora_plus joint", "altlora_plus", "order", "joint", 0.04, THREE),
                    with(
                            "altlora_plus unaligned",
                            "altlora_plus",
                            "aligned",
                            false,
                            0.04,
                            TWO_MOMENTS),
                    of("altlora_released", 0.2, TWO_MOMENTS, true),
                    of("altlora_plus_released", 0.005, THREE, true),
                    of("scaled_sgd", 0.05, NONE, true),
                    of("scaled_adamw", 0.04, TWO_MOMENTS, true),
                    // Gradients of this size would all be skipped; see LoraRiteTest.
                    new Case(
                            "lora_rite without skipping",
                            "lora_rite",
                            Map.of("skipRms", 0.0),
                            0.04,
                            RITE,
                            false,
                            true,
                            Shrink.BOTH),
                    of("lora_rite_in_altlora", 0.04, RITE_ESCAPE, false));

    private OptimizerCases() {}

    static Stream<Case> all() {
        return ALL.stream();
    }

    static Stream<Case> invertingGrams() {
        return all().filter(Case::invertsGrams);
    }

    static Stream<Case> keepingState() {
        return all().filter(c -> c.stateBytes().of(2, 2, 1, 4) > 0);
    }

    static Stream<Case> decaying() {
        return all().filter(c -> c.has("weightDecay"));
    }

    private static Case of(String method, double rate, StateBytes bytes, boolean inverts) {
        return new Case(method, method, Map.of(), rate, bytes, inverts, true, Shrink.BOTH);
    }

    private static Case with(
            String name,
            String method,
            String option,
            Object value,
            double rate,
            StateBytes bytes) {
        var options = Map.of(option, value);
        return new Case(name, method, options, rate, bytes, true, true, Shrink.BOTH);
    }

    private static Case fa(String method, boolean inverts) {
        return new Case(method, method, Map.of(), 0.04, MOMENTS_OF_B, inverts, false, Shrink.BOTH);
    }

    private static Case full(String method) {
        return new Case(method, method, Map.of(), 0.04, MOMENTS_OF_W, true, true, Shrink.ROOT);
    }
}
