/**
 * Gradient rules without state: raw LoRA gradients of a pair in, the gradients to follow out. One
 * class a rule of a paper: LoRA-Pro (arXiv 2407.18242, section 2, theorems 2.1 to 2.3), AltLoRA
 * (arXiv 2505.12455, section 3, theorem 1), the scaled gradient of Riemannian preconditioned LoRA;
 * beside them a yardstick, {@link org.lowrank.rule.LeastDistance}.
 *
 * <p>A rule is r x r float64 algebra on the host ({@link org.lowrank.rule.PairGrams} to {@link
 * org.lowrank.rule.Coefficients}); {@link org.lowrank.rule.PairAlgebra} forms the one and applies
 * the other on the device. Nothing here keeps moments, decays or steps: that is {@code optim}.
 *
 * <p>May import: {@code adapter} and {@code data}, and what they may.
 */
package org.lowrank.rule;
