package org.lowrank.diagnostics;

/**
 * One look at one adapted weight in one step: what the rule of the method makes of the full
 * gradient g, and the least that any directions could leave.
 *
 * <pre>
 *   rule:  g̃ = s B gᴬ + s gᴮ A of the rule's gᴬ and gᴮ, before moments and learning rate
 *   best:  P_B g + g P_A − P_B g P_A, the g̃ of LoRA-Pro; |best − g| = |(I − P_B) g (I − P_A)|
 *   move:  s B ΔA + s ΔB A of what the optimizer did to the factors, with the sign of a descent
 * </pre>
 *
 * The move has no scale that compares with g (it carries the learning rate and, with Adam, a
 * division by the size of the gradient), so its angle is what it is looked at for.
 *
 * @param rule of the method
 * @param best of {@link org.lowrank.rule.LeastDistance} at the same factors
 * @param move of the optimizer; null before the factors have moved
 */
public record GradientGap(Discrepancy rule, Discrepancy best, Discrepancy move) {

    /** This gap with the move that was made. */
    public GradientGap withMove(Discrepancy made) {
        return new GradientGap(rule, best, made);
    }

    /** |g̃ − g| / |g| of the rule. */
    public double distance() {
        return rule.relativeDistance();
    }

    /** The least |g̃ − g| / |g| that any directions reach at these factors. */
    public double leastDistance() {
        return best.relativeDistance();
    }

    /** Degrees between g and what the optimizer did to W; NaN if W did not move. */
    public double moveAngle() {
        return move == null ? Double.NaN : move.angle();
    }
}
