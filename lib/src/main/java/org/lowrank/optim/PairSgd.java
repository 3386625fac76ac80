package org.lowrank.optim;

import java.util.List;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.rule.GradientRule;
import org.lowrank.rule.LoraPro;
import org.lowrank.rule.RawGradient;
import org.lowrank.rule.ScaledGradient;

/**
 * Gradient descent on pairs along the directions of a rule, without state:
 *
 * <pre>
 *   A ← A (1 − η λ) − η gᴬ,   B ← B (1 − η λ) − η gᴮ
 * </pre>
 *
 * With {@link LoraPro} this is algorithm 1 of LoRA-Pro (arXiv 2407.18242), with {@link
 * ScaledGradient} scaled SGD (arXiv 2402.02347), with {@link RawGradient} plain LoRA.
 */
public final class PairSgd extends StackedOptimizer {

    private final GradientRule rule;
    private final double weightDecay;

    /**
     * @param rule what turns raw gradients into directions
     * @param weightDecay λ, decoupled
     */
    public PairSgd(GradientRule rule, double weightDecay) {
        Checks.notNegative("weightDecay", weightDecay);
        this.rule = rule;
        this.weightDecay = weightDecay;
    }

    @Override
    public boolean needsProductGradients() {
        return !(rule instanceof RawGradient);
    }

    @Override
    public boolean freezesA() {
        return !rule.moving().includeA();
    }

    @Override
    public boolean readsA() {
        return rule.moving().includeA();
    }

    @Override
    public boolean readsB() {
        return rule.moving().includeB();
    }

    @Override
    public boolean movesWithoutGradient() {
        return weightDecay != 0;
    }

    @Override
    protected List<StateArray> layout(PairStack stack) {
        return List.of();
    }

    @Override
    protected void move(
            List<PairStack> stacks, List<PairGradient> raw, double learningRate, long step) {
        var directions = Directions.of(rule, stacks, raw);
        var descent = Descent.of(stacks.get(0).loraA().getManager(), learningRate, weightDecay);
        for (int i = 0; i < stacks.size(); i++) {
            var stack = stacks.get(i);
            var g = directions.get(i);
            if (readsA()) {
                descent.apply(stack.loraA(), g.gradA());
            }
            if (readsB()) {
                descent.apply(stack.loraB(), g.gradB());
            }
        }
    }

    @Override
    public String toString() {
        return "PairSgd(rule=" + rule + ", weightDecay=" + weightDecay + ")";
    }
}
