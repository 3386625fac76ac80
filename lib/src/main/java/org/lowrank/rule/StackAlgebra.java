package org.lowrank.rule;

import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import org.lowrank.adapter.LoraPair;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.linalg.DivergedException;

/**
 * A gradient rule over whole stacks of pairs: one transfer brings the r x r matrices of all pairs
 * to the host, the rule works there in float64, one transfer sends its coefficients back, and a few
 * batched products a stack apply them. A caller that needs more small products (a momentum to be
 * realigned, say) uses {@link Download}, {@link GramRequest}, {@link Upload} and {@link
 * CoefficientStack} itself and keeps to two transfers.
 */
public final class StackAlgebra {

    private StackAlgebra() {}

    /** The Gram matrices of every pair of every stack, in one transfer. */
    public static List<PairGrams[]> grams(List<PairStack> stacks, List<PairGradient> raw) {
        requireSameSize(stacks.size(), raw.size());
        if (stacks.isEmpty()) {
            return List.of();
        }
        try (var download = new Download(stacks.get(0).loraA().getManager())) {
            var requests = new ArrayList<GramRequest>();
            for (int i = 0; i < stacks.size(); i++) {
                requests.add(new GramRequest(download, stacks.get(i), raw.get(i)));
            }
            download.transfer();
            return requests.stream().map(GramRequest::grams).toList();
        }
    }

    /**
     * The rule's coefficients for each pair of a stack.
     *
     * @throws ArithmeticException as the rule; the message begins with the path of the pair
     */
    public static Coefficients[] coefficients(
            GradientRule rule, PairStack stack, PairGrams[] grams) {
        var result = new Coefficients[grams.length];
        for (int i = 0; i < grams.length; i++) {
            try {
                result[i] = rule.coefficients(grams[i]);
            } catch (ArithmeticException e) {
                throw DivergedException.at(stack.paths().get(i), e);
            }
        }
        return result;
    }

    /**
     * Applies coefficients to every stack, in one transfer.
     *
     * @param owner what the results are attached to
     * @param raw not changed and not closed
     */
    public static List<PairGradient> apply(
            NDManager owner,
            List<PairStack> stacks,
            List<PairGradient> raw,
            List<Coefficients[]> coefficients) {
        requireSameSize(stacks.size(), raw.size());
        requireSameSize(stacks.size(), coefficients.size());
        try (var upload = new Upload(owner)) {
            var terms = coefficients.stream().map(c -> new CoefficientStack(upload, c)).toList();
            upload.transfer();
            var result = new ArrayList<PairGradient>();
            for (int i = 0; i < stacks.size(); i++) {
                result.add(terms.get(i).apply(owner, stacks.get(i), raw.get(i)));
            }
            return result;
        }
    }

    /**
     * The directions of a rule for every pair of every stack.
     *
     * @param owner what the results are attached to
     * @param raw not changed and not closed
     * @throws ArithmeticException as the rule; the message begins with the path of the pair
     */
    public static List<PairGradient> project(
            NDManager owner, GradientRule rule, List<PairStack> stacks, List<PairGradient> raw) {
        requireSameSize(stacks.size(), raw.size());
        if (stacks.isEmpty()) {
            return List.of();
        }
        try (var scratch = owner.newSubManager();
                var download = new Download(scratch);
                var upload = new Upload(scratch)) {
            var wide = new ArrayList<WideStack>();
            var requests = new ArrayList<GramRequest>();
            for (int i = 0; i < stacks.size(); i++) {
                wide.add(new WideStack(scratch, stacks.get(i), raw.get(i)));
                requests.add(new GramRequest(download, wide.get(i), stacks.get(i).scaling()));
            }
            download.transfer();
            var terms = new ArrayList<CoefficientStack>();
            for (int i = 0; i < stacks.size(); i++) {
                var grams = requests.get(i).grams();
                terms.add(new CoefficientStack(upload, coefficients(rule, stacks.get(i), grams)));
            }
            upload.transfer();
            var result = new ArrayList<PairGradient>();
            for (int i = 0; i < stacks.size(); i++) {
                result.add(terms.get(i).apply(owner, stacks.get(i), wide.get(i)));
            }
            return result;
        }
    }

    /** The directions of a rule for one pair, attached to the manager of the raw gradient of A. */
    static PairGradient project(GradientRule rule, LoraPair pair, PairGradient raw) {
        var owner = raw.gradA().getManager();
        try (var scratch = owner.newSubManager()) {
            scratch.tempAttachAll(pair.loraA(), pair.loraB(), raw.gradA(), raw.gradB());
            var stack =
                    new PairStack(
                            List.of(pair.path()),
                            pair.loraA().expandDims(0),
                            pair.loraB().expandDims(0),
                            pair.scaling());
            var gradient = new PairGradient(raw.gradA().expandDims(0), raw.gradB().expandDims(0));
            var stepped = project(scratch, rule, List.of(stack), List.of(gradient)).get(0);
            var result = new PairGradient(stepped.gradA().squeeze(0), stepped.gradB().squeeze(0));
            result.gradA().attach(owner);
            result.gradB().attach(owner);
            return result;
        }
    }

    private static void requireSameSize(int stacks, int others) {
        if (stacks != others) {
            throw new IllegalArgumentException(
                    "one gradient and one array of coefficients a stack: there are "
                            + stacks
                            + " stacks, but "
                            + others
                            + " of the other");
        }
    }
}
