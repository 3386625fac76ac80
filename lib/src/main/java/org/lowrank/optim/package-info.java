/**
 * What keeps state between steps: the optimizers of adapter pairs, and AdamW for everything else.
 *
 * <p>A rule of {@link org.lowrank.rule} turns raw gradients into directions; an optimizer here adds
 * moments, decay and the order in which factors move. Equal-shaped pairs are stepped as one array;
 * r x r algebra runs on the host in float64. The equations are those of LoRA-Pro (arXiv 2407.18242,
 * algorithms 1 and 2), AltLoRA (arXiv 2505.12455, algorithms 1 and 2) and the methods that they are
 * compared with.
 *
 * <p>Not here: learning-rate schedules and clipping (the loop hands in the rate and the gradients),
 * gradient formulas (rule), layers (adapter).
 */
package org.lowrank.optim;
