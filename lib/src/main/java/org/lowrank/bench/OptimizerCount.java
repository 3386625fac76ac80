package org.lowrank.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What a step of an optimizer needs, counted: for a weight (m, n) with an adapter of rank r,
 *
 * <pre>
 *   state  = thin r (m + n) + ofB r m + wide m n   numbers of the factors' type, + small r² float64
 *   flops  = gram r² (m + n) + cubic r³ + element r (m + n) + product m n r + cell m n
 * </pre>
 *
 * A product (a, b)(b, c) counts 2abc. The counts are leading terms of the methods as their papers
 * write them, with both factors' products shared where they can be; inverting a Gram matrix counts
 * r³, a symmetric eigendecomposition with vectors 9 r³, an Adam update 12 a number. For AltLoRA
 * they are those of one step, which moves one factor, averaged over A and B.
 *
 * <p>The state is exact: it is what {@code PairOptimizer.stateBytes()} says.
 *
 * @param thin momentums and old factors in the shape of A and B
 * @param ofB moments of B alone (A frozen)
 * @param wide moments in the shape of W
 * @param small r x r matrices
 * @param gram passes of r² (m + n): Gram matrices and their application
 * @param cubic r x r work
 * @param element element-wise work on factors
 * @param product passes of m n r
 * @param cell element-wise work on m n numbers
 */
public record OptimizerCount(
        int thin,
        int ofB,
        int wide,
        int small,
        int gram,
        int cubic,
        double element,
        int product,
        int cell) {

    private static final Map<String, OptimizerCount> METHODS = new LinkedHashMap<>();

    static {
        // Adam: 12 operations a number.
        METHODS.put("sgd", new OptimizerCount(0, 0, 0, 0, 0, 0, 2, 0, 0));
        METHODS.put("adamw", new OptimizerCount(2, 0, 0, 0, 0, 0, 12, 0, 0));
        METHODS.put("lora_plus", new OptimizerCount(2, 0, 0, 0, 0, 0, 12, 0, 0));
        METHODS.put("lora_fa", new OptimizerCount(0, 2, 0, 0, 0, 0, 6, 0, 0));
        // AAᵀ, BᵀB (2), gᴬAᵀ, Bᵀgᴮ (2), preconditioned (2), X A and B X (2); two inverses (2),
        // Sylvester by two eigendecompositions (18) and four products (8), three products (6).
        METHODS.put("lora_pro", new OptimizerCount(2, 0, 0, 0, 8, 34, 16, 0, 0));
        // The rule twice; g̃ = BgA + gBA (4) and BᵀU, UAᵀ (4) of m n r; sum and Adam of m n.
        METHODS.put("lora_pro_full", new OptimizerCount(0, 0, 2, 0, 16, 68, 10, 8, 13));
        // One Gram matrix, its application to the gradient, Bᵀ B_old, its application to M: 2 each
        // of r² m or r² n, hence 4 of r² (m + n); one inverse, one product; five a number moved.
        METHODS.put("altlora", new OptimizerCount(2, 0, 0, 0, 4, 3, 2.5, 0, 0));
        METHODS.put("altlora_plus", new OptimizerCount(3, 0, 0, 0, 4, 3, 6, 0, 0));
        // AAᵀ, BᵀB (2) and their inverses applied (2).
        METHODS.put("scaled_adamw", new OptimizerCount(2, 0, 0, 0, 4, 2, 12, 0, 0));
        // Gram matrices (2), old to new basis (2), second moments (2); then the momentum carried
        // over, gradient unmagnified, direction magnified, basis kept (8); four roots (36), 20
        // more.
        METHODS.put("lora_rite", new OptimizerCount(2, 0, 0, 2, 14, 56, 6, 0, 0));
    }

    /** The methods that are counted, by their names in the registry of optimizers. */
    public static Set<String> names() {
        return java.util.Collections.unmodifiableSet(METHODS.keySet());
    }

    /**
     * The counts of a method.
     *
     * @throws IllegalArgumentException if the method is not counted; the message lists those that
     *     are
     */
    public static OptimizerCount of(String method) {
        var count = METHODS.get(method);
        if (count == null) {
            throw new IllegalArgumentException(
                    "'" + method + "' is not counted; counted are " + METHODS.keySet());
        }
        return count;
    }

    /**
     * Bytes kept between steps for all adapters of a model.
     *
     * @param bytes of one number of a factor: 4 for float32
     */
    public long stateBytes(ModelShape model, int rank, int bytes) {
        long sum = 0;
        for (var w : model.maps()) {
            long m = w.out();
            long n = w.in();
            long numbers = thin * rank * (m + n) + ofB * rank * m + wide * m * n;
            sum += numbers * bytes + 8L * small * rank * rank;
        }
        return model.layers() * sum;
    }

    /** Operations of one step for all adapters of a model. */
    public double flops(ModelShape model, int rank) {
        double r = rank;
        double sum = 0;
        for (var w : model.maps()) {
            double edge = (double) w.out() + w.in();
            double area = (double) w.out() * w.in();
            sum += gram * r * r * edge + cubic * r * r * r + element * r * edge;
            sum += product * r * area + cell * area;
        }
        return model.layers() * sum;
    }

    /**
     * Operations of forward and backward through the frozen weights of the blocks and the adapters
     * on them. A frozen weight costs 2 m n a token forward and 2 m n backward (it has no gradient
     * of its own), a trained number 6. Attention, norms and the output layer are left out, so a
     * share of this is an upper bound.
     *
     * @param frozenWeights {@link ModelShape#mapParameters()} of the whole model
     * @param adapterParameters {@link ModelShape#adapterParameters} of the adapted maps
     */
    public static double passFlops(long frozenWeights, long adapterParameters, long tokens) {
        return tokens * (4.0 * frozenWeights + 6.0 * adapterParameters);
    }
}
