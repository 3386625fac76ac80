package org.lowrank.optim;

import static org.lowrank.engine.Arrays.transposed;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.ejml.dense.row.CommonOps_DDRM;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.engine.Arrays;
import org.lowrank.engine.HostTrip;
import org.lowrank.linalg.DivergedException;
import org.lowrank.rule.AltLora;
import org.lowrank.rule.Coefficients;
import org.lowrank.rule.Factors;
import org.lowrank.rule.GradientRule;
import org.lowrank.rule.LoraPro;
import org.lowrank.rule.PairAlgebra;
import org.lowrank.rule.PairGrams;

/**
 * LoRA-Pro with AdamW in full mode: the moments are those of the equivalent gradient, in the shape
 * of W.
 *
 * <pre>
 *   g̃ = s B gᴬ + s gᴮ A                                  (out, in)
 *   M ← β1 M + (1 − β1) g̃,   V ← β2 V + (1 − β2) g̃²
 *   U = (M / (1 − β1ᵗ)) / (√V / √(1 − β2ᵗ) + ε)
 *   h_A = s BᵀU,  h_B = s U Aᵀ, and the rule turns (h_A, h_B) into the directions of A and B
 * </pre>
 *
 * <p>Decay multiplies each factor by √(1 − η λ), so that s B A shrinks by 1 − η λ. The frozen base
 * weight, which a pre-release of the authors decayed as well, is not touched.
 *
 * <p>State: 2 m n numbers a pair. A step forms g̃ and U of one stack at a time and nothing else of
 * size m n, m m or n n. It makes two transfers each way, since U is known on the device alone; a
 * third of one number a factor guards the moments against an overflow. Next to the passes over m n
 * numbers they do not count.
 *
 * <p>Source: LoRA-Pro, arXiv 2407.18242, version 3, algorithm 2 (the specification's A.5); the
 * forms of the released code are {@link Form}.
 */
public final class LoraProFull extends StackedOptimizer {

    /** Whose full mode it is. The released code uses X from Sylvester and damping 1e-8. */
    public enum Form {
        /** Bias correction counts from 1. */
        PAPER,

        /**
         * As the released code runs: its step counter is one ahead, so bias correction counts from
         * 2 and the first normalised direction has size 0.744 instead of 1.
         */
        RELEASED,

        /**
         * As the released code would run if its counter started at 0: bias correction counts from
         * 1, and the first step takes the code's branch for B = 0 whatever B is, gᴬ = gᴬ_lora and
         * gᴮ = s⁻² gᴮ_lora (AAᵀ + damping I)⁻¹.
         */
        RELEASED_FROM_ZERO
    }

    private static final String FIRST = "firstMoment";
    private static final String SECOND = "secondMoment";

    private final LoraPro rule;
    private final AdamWSettings adam;
    private final Form form;

    /** As in the paper. */
    public LoraProFull(LoraPro rule, AdamWSettings adam) {
        this(rule, adam, Form.PAPER);
    }

    /**
     * @param rule X and damping
     * @param adam moments and decay
     * @param form the paper's or the released code's
     */
    public LoraProFull(LoraPro rule, AdamWSettings adam, Form form) {
        this.rule = rule;
        this.adam = adam;
        this.form = form;
    }

    @Override
    public boolean hasAdamRate() {
        return true;
    }

    @Override
    public boolean movesWithoutGradient() {
        return adam.weightDecay() != 0;
    }

    @Override
    protected List<StateArray> layout(PairStack stack) {
        var shape = new Shape(stack.size(), stack.out(), stack.in());
        var type = stack.loraA().getDataType();
        return List.of(new StateArray(FIRST, shape, type), new StateArray(SECOND, shape, type));
    }

    @Override
    protected void move(
            List<PairStack> stacks, List<PairGradient> raw, double learningRate, long step) {
        boolean rawStart = form == Form.RELEASED_FROM_ZERO && step == 1;
        var rule = rawStart ? new RawStart(this.rule.damping()) : this.rule;
        var manager = stacks.get(0).loraA().getManager();
        try (var algebra = PairAlgebra.of(stacks, raw)) {
            var coefficients = algebra.coefficients(rule);
            requireSolvable(rule, algebra);
            var adjusted = algebra.apply(coefficients);
            requireNoOverflow(stacks, adjusted);
            // From here on nothing can be refused, so the moments may change.
            var moments = new AdamMoments(manager, adam, form == Form.RELEASED ? step + 1 : step);
            var projected = new ArrayList<PairGradient>();
            for (int i = 0; i < stacks.size(); i++) {
                projected.add(normalized(stacks.get(i), adjusted.get(i), state(i), moments));
            }
            try (var second = algebra.with(projected)) {
                descend(stacks, second.apply(second.coefficients(rule)), learningRate);
            }
        }
    }

    private void descend(
            List<PairStack> stacks, List<PairGradient> directions, double learningRate) {
        double kept = Math.sqrt(1 - learningRate * adam.weightDecay());
        var descent = Descent.keeping(stacks.get(0).loraA().getManager(), learningRate, kept);
        for (int i = 0; i < stacks.size(); i++) {
            descent.apply(stacks.get(i).loraA(), directions.get(i).gradA());
            descent.apply(stacks.get(i).loraB(), directions.get(i).gradB());
        }
    }

    /** h_A = s BᵀU and h_B = s U Aᵀ; frees everything of the size of W but the moments. */
    private PairGradient normalized(
            PairStack stack, PairGradient adjusted, OptimizerState.Of kept, AdamMoments moments) {
        var a = stack.loraA();
        var b = stack.loraB();
        NDArray hA;
        NDArray hB;
        try (var scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            var equivalent = b.matMul(adjusted.gradA());
            equivalent.addi(adjusted.gradB().matMul(a)).muli(stack.scaling());
            var first = kept.get(FIRST);
            var u = moments.direction(first, kept.get(SECOND), equivalent);
            hA = transposed(b).matMul(u).muli(stack.scaling());
            hB = u.matMul(transposed(a)).muli(stack.scaling());
            NDScope.unregister(hA, hB);
        }
        NDScope.register(hA);
        NDScope.register(hB);
        return new PairGradient(hA, hB);
    }

    /** The second use of the rule has the same Gram matrices, so a general right side tells. */
    private static void requireSolvable(GradientRule rule, PairAlgebra algebra) {
        var probes = new ArrayList<PairGrams[]>();
        for (var stack : algebra.grams()) {
            probes.add(
                    java.util.Arrays.stream(stack)
                            .map(LoraProFull::probe)
                            .toArray(PairGrams[]::new));
        }
        algebra.coefficients(rule, probes);
    }

    private static PairGrams probe(PairGrams g) {
        var one = CommonOps_DDRM.identity(g.rank());
        return new PairGrams(g.gramA(), g.gramB(), one, one, g.scaling());
    }

    /** s (|B| |gᴬ| + |gᴮ| |A|) bounds every entry of g̃, whose square must be a number. */
    private static void requireNoOverflow(List<PairStack> stacks, List<PairGradient> adjusted) {
        try (var trip = new HostTrip(stacks.get(0).loraA().getManager())) {
            var bounds = new ArrayList<HostTrip.Small>();
            for (int i = 0; i < stacks.size(); i++) {
                var stack = stacks.get(i);
                var g = adjusted.get(i);
                var largestA = Arrays.largest(g.gradA()).mul(Arrays.largest(stack.loraB()));
                var largestB = Arrays.largest(g.gradB()).mul(Arrays.largest(stack.loraA()));
                bounds.add(trip.down(largestA.add(largestB)));
            }
            trip.fetch();
            for (int i = 0; i < stacks.size(); i++) {
                requireNoOverflow(stacks.get(i), bounds.get(i));
            }
        }
    }

    private static void requireNoOverflow(PairStack stack, HostTrip.Small bounds) {
        double largest =
                stack.loraA().getDataType() == DataType.FLOAT64
                        ? Double.MAX_VALUE
                        : Float.MAX_VALUE;
        for (int layer = 0; layer < stack.size(); layer++) {
            double bound = bounds.at(layer).get(0, 0) * stack.scaling() * stack.rank();
            if (!(bound < Math.sqrt(largest))) {
                throw new DivergedException(
                        stack.paths().get(layer)
                                + ": the equivalent gradient reaches "
                                + bound
                                + ", whose square is no number any more. Look at the loss of this"
                                + " step, or give a larger damping than "
                                + "the one of this rule");
            }
        }
    }

    /** The released code's branch for the first step. */
    private record RawStart(double damping) implements GradientRule {

        @Override
        public Coefficients coefficients(PairGrams grams) {
            var ofB = new AltLora(Factors.B, damping).coefficients(grams);
            return Coefficients.preconditioners(
                    CommonOps_DDRM.identity(grams.rank()), ofB.rightB());
        }
    }

    @Override
    public String toString() {
        return "LoraProFull(rule=" + rule + ", " + adam + ", form=" + form + ")";
    }
}
