package org.lowrank.optim;

import static org.lowrank.optim.Batched.as;
import static org.lowrank.optim.Batched.float64;
import static org.lowrank.optim.Batched.transposed;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.ArrayList;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.MatrixFeatures_DDRM;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.linalg.Gram;
import org.lowrank.projection.Coefficients;
import org.lowrank.projection.Factors;
import org.lowrank.projection.GradientRule;
import org.lowrank.projection.LoraFa;
import org.lowrank.projection.PairGrams;
import org.lowrank.projection.RawGradient;

/**
 * A gradient rule applied to all pairs of a step: the four r x r matrices of each pair come to the
 * host in one transfer, the coefficients go back in one, and both products run over whole stacks in
 * float64. The directions have the type of the factors.
 */
final class StackedRule {

    private StackedRule() {}

    /**
     * The directions of the factors that the rule moves; those of the others are null.
     *
     * @throws ArithmeticException if a gradient is not finite or the rule is not defined for a
     *     pair; the message names it
     */
    static List<PairGradient> directions(
            GradientRule rule, List<PairStack> stacks, List<PairGradient> raw) {
        boolean plain = rule instanceof RawGradient || rule instanceof LoraFa fa && !fa.projected();
        if (plain) {
            FiniteGradients.require(
                    stacks, raw, rule.moving().includeA(), rule.moving().includeB());
            return raw;
        }
        return adjust(rule, stacks, raw);
    }

    /**
     * leftA and rightB of a rule without mixing terms.
     *
     * @param leftA (layers, r, r), float64
     * @param rightB (layers, r, r), float64
     */
    record Preconditioners(NDArray leftA, NDArray rightB) {}

    /** The preconditioners of a rule, for optimizers that use them on more than the gradient. */
    static List<Preconditioners> preconditioners(
            GradientRule rule, List<PairStack> stacks, List<PairGradient> raw) {
        var wide = wide(rule.moving(), stacks, raw);
        return solve(rule, stacks, wide).stream()
                .map(sent -> new Preconditioners(sent.get(0), sent.get(2)))
                .toList();
    }

    private static List<PairGradient> adjust(
            GradientRule rule, List<PairStack> stacks, List<PairGradient> raw) {
        var wide = wide(rule.moving(), stacks, raw);
        var sent = solve(rule, stacks, wide);
        var adjusted = new ArrayList<PairGradient>();
        for (int i = 0; i < stacks.size(); i++) {
            adjusted.add(wide.get(i).apply(sent.get(i), stacks.get(i)));
        }
        return adjusted;
    }

    private static List<Wide> wide(Factors moving, List<PairStack> stacks, List<PairGradient> raw) {
        var wide = new ArrayList<Wide>();
        for (int i = 0; i < stacks.size(); i++) {
            wide.add(Wide.of(moving, stacks.get(i), raw.get(i)));
        }
        return wide;
    }

    /** leftA, mixA, rightB, mixB of each stack, on the device. */
    private static List<NDList> solve(GradientRule rule, List<PairStack> stacks, List<Wide> wide) {
        var host = HostMatrices.fetch(wide.stream().map(Wide::grams).toList());
        var coefficients = new ArrayList<List<List<DMatrixRMaj>>>();
        for (int i = 0; i < stacks.size(); i++) {
            coefficients.add(coefficients(rule, stacks.get(i), host, i));
        }
        return HostMatrices.send(stacks.get(0).loraA().getManager(), coefficients);
    }

    private static List<List<DMatrixRMaj>> coefficients(
            GradientRule rule, PairStack stack, HostMatrices host, int index) {
        List<List<DMatrixRMaj>> blocks =
                List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (int layer = 0; layer < stack.size(); layer++) {
            var c = coefficients(rule, stack, layer, host, index);
            blocks.get(0).add(c.leftA());
            blocks.get(1).add(c.mixA());
            blocks.get(2).add(c.rightB());
            blocks.get(3).add(c.mixB());
        }
        return blocks;
    }

    private static Coefficients coefficients(
            GradientRule rule, PairStack stack, int layer, HostMatrices host, int index) {
        var path = stack.paths().get(layer);
        var gramA = host.matrix(index, 0, layer);
        var gramB = host.matrix(index, 1, layer);
        var gradAAt = host.matrix(index, 2, layer);
        var bTGradB = host.matrix(index, 3, layer);
        requireFinite(gramA, path, "the factor lora_A");
        requireFinite(gramB, path, "the factor lora_B");
        requireFinite(gradAAt, path, "the gradient of lora_A");
        requireFinite(bTGradB, path, "the gradient of lora_B");
        var grams =
                new PairGrams(new Gram(gramA), new Gram(gramB), gradAAt, bTGradB, stack.scaling());
        try {
            return rule.coefficients(grams);
        } catch (ArithmeticException e) {
            throw Refusal.of(path, e);
        }
    }

    private static void requireFinite(DMatrixRMaj matrix, String path, String what) {
        if (MatrixFeatures_DDRM.hasUncountable(matrix)) {
            throw Refusal.notFinite(path, what);
        }
    }

    /** The arrays of a stack in float64. */
    private record Wide(NDArray a, NDArray b, NDArray gradA, NDArray gradB) {

        static Wide of(Factors moving, PairStack stack, PairGradient raw) {
            return new Wide(
                    float64(stack.loraA()),
                    float64(stack.loraB()),
                    moving.includeA() ? float64(raw.gradA()) : null,
                    moving.includeB() ? float64(raw.gradB()) : null);
        }

        NDList grams() {
            var aT = transposed(a);
            var bT = transposed(b);
            var gramA = a.matMul(aT);
            return new NDList(
                    gramA,
                    bT.matMul(b),
                    gradA == null ? gramA.zerosLike() : gradA.matMul(aT),
                    gradB == null ? gramA.zerosLike() : bT.matMul(gradB));
        }

        PairGradient apply(NDList c, PairStack stack) {
            return new PairGradient(
                    gradA == null
                            ? null
                            : as(c.get(0).matMul(gradA).addi(c.get(1).matMul(a)), stack.loraA()),
                    gradB == null
                            ? null
                            : as(gradB.matMul(c.get(2)).addi(b.matMul(c.get(3))), stack.loraB()));
        }
    }
}
