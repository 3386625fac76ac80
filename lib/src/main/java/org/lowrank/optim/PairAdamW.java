package org.lowrank.optim;

import java.util.ArrayList;
import java.util.List;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.rule.GradientRule;
import org.lowrank.rule.RawGradient;

/**
 * AdamW ({@link AdamWSettings}) on the two factors of each pair, fed with the directions of a rule.
 *
 * <ul>
 *   <li>{@link RawGradient}: LoRA with AdamW; with {@code rateRatio} 16, LoRA+ (arXiv 2402.12354)
 *   <li>{@code LoraPro}: LoRA-Pro with AdamW in efficient mode (arXiv 2407.18242, version 2,
 *       algorithm 2): the rule acts on the raw gradients, the moments are those of the factors
 *   <li>{@code ScaledGradient}: scaled AdamW (arXiv 2402.02347), both preconditioners from the
 *       factors before the step
 *   <li>{@code LoraFa}: LoRA-FA (arXiv 2308.03303), A stays and has no state
 * </ul>
 *
 * <p>State: 2 r (m + n) numbers a pair in the type of the factors. Cost a step: the rule's one
 * transfer each way and some ten element-wise passes.
 */
public final class PairAdamW extends StackedOptimizer {

    private static final String FIRST_A = "firstMomentA";
    private static final String SECOND_A = "secondMomentA";
    private static final String FIRST_B = "firstMomentB";
    private static final String SECOND_B = "secondMomentB";

    private final GradientRule rule;
    private final AdamWSettings adam;
    private final double rateRatio;

    /** With one learning rate for both factors. */
    public PairAdamW(GradientRule rule, AdamWSettings adam) {
        this(rule, adam, 1);
    }

    /**
     * @param rule what turns raw gradients into directions
     * @param adam moments and decay
     * @param rateRatio learning rate of B over that of A; B's decay grows with its rate
     */
    public PairAdamW(GradientRule rule, AdamWSettings adam, double rateRatio) {
        Checks.positive("rateRatio", rateRatio);
        this.rule = rule;
        this.adam = adam;
        this.rateRatio = rateRatio;
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
    public boolean hasAdamRate() {
        return true;
    }

    @Override
    public boolean movesWithoutGradient() {
        return adam.weightDecay() != 0;
    }

    @Override
    protected List<StateArray> layout(PairStack stack) {
        var arrays = new ArrayList<StateArray>();
        if (readsA()) {
            arrays.add(StateArray.like(FIRST_A, stack.loraA()));
            arrays.add(StateArray.like(SECOND_A, stack.loraA()));
        }
        if (readsB()) {
            arrays.add(StateArray.like(FIRST_B, stack.loraB()));
            arrays.add(StateArray.like(SECOND_B, stack.loraB()));
        }
        return arrays;
    }

    @Override
    protected void move(
            List<PairStack> stacks, List<PairGradient> raw, double learningRate, long step) {
        var directions = Directions.of(rule, stacks, raw);
        var manager = stacks.get(0).loraA().getManager();
        var moments = new AdamMoments(manager, adam, step);
        var ofA = Descent.of(manager, learningRate, adam.weightDecay());
        var ofB = Descent.of(manager, learningRate * rateRatio, adam.weightDecay());
        for (int i = 0; i < stacks.size(); i++) {
            var kept = state(i);
            var stack = stacks.get(i);
            var g = directions.get(i);
            if (readsA()) {
                var first = kept.get(FIRST_A);
                var direction = moments.direction(first, kept.get(SECOND_A), g.gradA());
                ofA.apply(stack.loraA(), direction);
            }
            if (readsB()) {
                var first = kept.get(FIRST_B);
                var direction = moments.direction(first, kept.get(SECOND_B), g.gradB());
                ofB.apply(stack.loraB(), direction);
            }
        }
    }

    @Override
    public String toString() {
        return "PairAdamW(rule=" + rule + ", " + adam + ", rateRatio=" + rateRatio + ")";
    }
}
