/**
 * What keeps state between steps: {@link org.lowrank.optim.PairOptimizer}, a chain of small stages,
 * for adapter pairs, and AdamW for everything else.
 *
 * <p>A stage turns directions into directions: {@link org.lowrank.optim.FollowRule} asks a rule of
 * {@link org.lowrank.rule}, then come moments, decay, a ratio of rates; the chain alone moves a
 * factor. {@link org.lowrank.optim.Optimizers} knows whole methods by name, those of the papers and
 * a reader's own; an option is declared where it is used. Equal-shaped pairs are stepped as one
 * array; r x r algebra runs on the host in float64. The equations are those of LoRA-Pro (arXiv
 * 2407.18242, algorithms 1 and 2), AltLoRA (arXiv 2505.12455, algorithms 1 and 2) and the methods
 * that they are compared with.
 *
 * <p>Not here: learning-rate schedules and clipping (the loop hands in the rate and the gradients),
 * gradient formulas (rule), layers (adapter).
 *
 * <p>May import: {@code model} and {@code rule}, and what they may.
 */
package org.lowrank.optim;
