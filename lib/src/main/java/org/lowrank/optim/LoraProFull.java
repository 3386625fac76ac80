package org.lowrank.optim;

import static org.lowrank.engine.Arrays.largest;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.engine.HostTrip;
import org.lowrank.engine.Machine;
import org.lowrank.engine.TorchProgram;
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
 * <p>With {@link Decay.Form#OF_PRODUCT} behind it each factor shrinks by √(1 − η λ), so that s B A
 * shrinks by 1 − η λ. The frozen base weight, which a pre-release of the authors decayed as well,
 * is not touched. It is one stage, since the rule comes twice with the moments between, on the same
 * Gram matrices.
 *
 * <p>Keeps 2 m n numbers a pair. A step forms g̃ and U of a few pairs at a time and nothing else of
 * size m n, m m or n n. It makes two transfers each way, since U is known on the device alone.
 *
 * <p>Source: LoRA-Pro, arXiv 2407.18242, version 3, algorithm 2 (the specification's A.5); the
 * forms of the released code are {@link Form}.
 *
 * @param rule X and damping
 * @param adam of the moments
 * @param form the paper's or the released code's
 */
public record LoraProFull(LoraPro rule, AdamMoments adam, Form form) implements OptimizerStage {

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

    @Override
    public Needs needs(long step) {
        return Needs.PRODUCT.withAdamRate();
    }

    @Override
    public boolean refusesNonFinite() {
        return true;
    }

    @Override
    public List<StateArray> keeps(PairStack stack, Factors moving) {
        var shape = new Shape(stack.size(), stack.out(), stack.in());
        var type = stack.loraA().getDataType();
        return adam.names().stream().map(name -> new StateArray(name, shape, type)).toList();
    }

    @Override
    public List<PairGradient> apply(OptimizerStep step, List<PairGradient> raw) {
        boolean rawStart = form == Form.RELEASED_FROM_ZERO && step.number() == 1;
        var first = rawStart ? new RawStart(rule.damping()) : rule;
        var stacks = step.stacks();
        try (var algebra = PairAlgebra.of(stacks, raw, step.draws())) {
            var sizes = new ArrayList<Sizes>();
            for (int i = 0; i < stacks.size(); i++) {
                sizes.add(new Sizes(algebra.trip(), stacks.get(i), raw.get(i)));
            }
            var coefficients = algebra.coefficients(first);
            algebra.coefficients(first, probes(algebra.grams()));
            PairStack.forEachPair(
                    stacks,
                    (stack, layer) ->
                            sizes.get(stack)
                                    .requireNoOverflow(
                                            stacks.get(stack),
                                            layer,
                                            coefficients.get(stack)[layer]));
            // from here on nothing can be refused, so the moments may change
            var adjusted = algebra.apply(coefficients);
            var projected = new ArrayList<PairGradient>();
            for (int i = 0; i < stacks.size(); i++) {
                projected.add(normalized(step, i, adjusted.get(i)));
            }
            try (var again = algebra.with(projected)) {
                return again.apply(again.coefficients(first));
            }
        }
    }

    /** h_A = s BᵀU and h_B = s U Aᵀ, with g̃ = s [B gᴮ] [gᴬ; A] as one product. */
    private PairGradient normalized(OptimizerStep step, int i, PairGradient adjusted) {
        var stack = step.stacks().get(i);
        long count = form == Form.RELEASED ? step.number() + 1 : step.number();
        try (var left = stack.loraB().concat(adjusted.gradB(), 2).muli(stack.scaling());
                var right = adjusted.gradA().concat(stack.loraA(), 1)) {
            var found =
                    SomePairs.PROGRAM.run(
                            step.manager(),
                            "normalized",
                            left,
                            right,
                            stack.loraB(),
                            stack.loraA(),
                            step.kept(i, "firstMoment"),
                            step.kept(i, "secondMoment"),
                            (double) count,
                            adam.beta1(),
                            adam.beta2(),
                            adam.epsilon(),
                            stack.scaling(),
                            SomePairs.atOnce(stack));
            return new PairGradient(found.get(0), found.get(1));
        }
    }

    /**
     * A few pairs after the other, so that of the size of W a step makes g̃ and U of these alone,
     * which a cache may still hold when they are read. Adam's kernel moves U = 0 at the rate −1.
     * The list that it writes to is read behind it: PyTorch leaves out a call whose lists nobody
     * reads.
     */
    private static final class SomePairs {

        /** Numbers of g̃: 64 MiB of float32. */
        private static final long MOST = 1 << 24;

        static final TorchProgram PROGRAM =
                TorchProgram.of(
                        """
                        def normalized(self, left: Tensor, right: Tensor, b: Tensor, a: Tensor, m: Tensor,
                            v: Tensor, step: float, beta1: float, beta2: float, epsilon: float,
                            scaling: float, pairs: int) -> List[Tensor]:
                          h_a = annotate(List[Tensor], [])
                          h_b = annotate(List[Tensor], [])
                          lefts = torch.split(left, pairs, 0)
                          rights = torch.split(right, pairs, 0)
                          bs = torch.split(torch.transpose(b, 1, 2), pairs, 0)
                          as_ = torch.split(torch.transpose(a, 1, 2), pairs, 0)
                          ms = torch.split(m, pairs, 0)
                          vs = torch.split(v, pairs, 0)
                          number = torch.full([], step, dtype=6, device=ops.prim.device(left))
                          for i in range(torch.len(ms)):
                            g = torch.bmm(lefts[i], rights[i])
                            d = [torch.zeros_like(g, memory_format=0)]
                            _0 = torch._fused_adam_(d, [g], [ms[i]], [vs[i]], annotate(List[Tensor], []),
                              [number], lr=-1., beta1=beta1, beta2=beta2, weight_decay=0., eps=epsilon,
                              amsgrad=False, maximize=False)
                            u = d[0]
                            _1 = torch.append(h_a, torch.bmm(bs[i], u))
                            _2 = torch.append(h_b, torch.bmm(u, as_[i]))
                          return [torch.mul_(torch.cat(h_a), scaling), torch.mul_(torch.cat(h_b), scaling)]
                        """);

        /** On a CPU each thread has a pair of its own; a GPU takes as many as there is room for. */
        static long atOnce(PairStack stack) {
            long room = Math.max(1, MOST / (stack.out() * stack.in()));
            boolean gpu = stack.loraA().getDevice().isGpu();
            return gpu ? room : Math.min(room, Machine.threads());
        }
    }

    /** The second use of the rule has the same Gram matrices, so a general right side tells. */
    private static List<PairGrams[]> probes(List<PairGrams[]> grams) {
        return grams.stream()
                .map(stack -> Arrays.stream(stack).map(LoraProFull::probe))
                .map(stack -> stack.toArray(PairGrams[]::new))
                .toList();
    }

    private static PairGrams probe(PairGrams g) {
        var one = CommonOps_DDRM.identity(g.rank());
        return g.with(one, one);
    }

    /** The largest |entry| of factors and raw gradients, which bounds those of g̃. */
    private record Sizes(
            HostTrip.Small a, HostTrip.Small b, HostTrip.Small gradA, HostTrip.Small gradB) {

        Sizes(HostTrip trip, PairStack stack, PairGradient raw) {
            this(
                    trip.down(largest(stack.loraA())),
                    trip.down(largest(stack.loraB())),
                    trip.down(largest(raw.gradA())),
                    trip.down(largest(raw.gradB())));
        }

        /** s r (|B| |gᴬ| + |gᴮ| |A|) bounds every entry of g̃, whose square must be a number. */
        void requireNoOverflow(PairStack stack, int layer, Coefficients c) {
            double directionA =
                    NormOps_DDRM.normPInf(c.leftA()) * at(gradA, layer)
                            + NormOps_DDRM.normPInf(c.mixA()) * at(a, layer);
            double directionB =
                    at(gradB, layer) * NormOps_DDRM.normP1(c.rightB())
                            + at(b, layer) * NormOps_DDRM.normP1(c.mixB());
            double bound = at(b, layer) * directionA + directionB * at(a, layer);
            bound *= stack.scaling() * stack.rank();
            double largest =
                    stack.loraA().getDataType() == DataType.FLOAT64
                            ? Double.MAX_VALUE
                            : Float.MAX_VALUE;
            if (!(bound < Math.sqrt(largest))) {
                throw new DivergedException(
                        "the equivalent gradient may reach "
                                + bound
                                + ", whose square is no number any more. Look at the loss of this"
                                + " step, or give a larger damping");
            }
        }

        private static double at(HostTrip.Small largest, int layer) {
            return largest.at(layer).get(0, 0);
        }
    }

    /** The released code's branch for the first step. */
    private record RawStart(double damping) implements GradientRule {

        @Override
        public Coefficients coefficients(PairGrams grams) {
            var ofB = new AltLora(Factors.B, damping).coefficients(grams);
            DMatrixRMaj one = CommonOps_DDRM.identity(grams.rank());
            return Coefficients.preconditioners(one, ofB.rightB());
        }
    }
}
