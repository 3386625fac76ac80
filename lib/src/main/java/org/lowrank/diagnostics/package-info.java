/**
 * What a pair of directions means for the full weight: the equivalent gradient s B gᴬ + s gᴮ A, and
 * how far it is from the full gradient (LoRA-Pro, arXiv 2407.18242, section 2.1; the quantity that
 * its theorem 2.1 minimises).
 *
 * <p>{@link org.lowrank.diagnostics.WeightGradient} takes what is needed of a true full gradient in
 * training, {@link org.lowrank.diagnostics.GradientGap} is what it finds: the gap of a method's
 * rule, the least gap that two factors allow, and the move that the optimizer made of it.
 *
 * <p>For looking, not for stepping: nothing here moves a factor. Norms, distances and angles are
 * computed from r x r, r x n and m x r products; only {@link
 * org.lowrank.diagnostics.EquivalentGradient#of} makes an m x n matrix, because that is what it is
 * asked for.
 *
 * <p>May import: {@code train}, and what it may.
 */
package org.lowrank.diagnostics;
