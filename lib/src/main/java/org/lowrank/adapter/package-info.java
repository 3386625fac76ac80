/**
 * Adapters: W0 + sBA on the linear maps of a model, their factors as pairs and stacks of pairs, how
 * they start, and how they are attached and taken off. Source: LoRA (arXiv 2106.09685), and section
 * 2.1 of LoRA-Pro (arXiv 2407.18242).
 *
 * <p>The frozen W0 of a map is a {@link org.lowrank.adapter.FrozenWeight}, which knows how to
 * multiply: as plain numbers, or in 16 bits or GGUF's blocks ({@link
 * org.lowrank.adapter.PackedWeight}). Factors and gradients are float32 beside any of these.
 *
 * <p>Not here: how factors move ({@code optim}), what a gradient is turned into ({@code rule}), or
 * the models themselves ({@code model}).
 *
 * <p>May import: {@code weights} and {@code text}, and what they may.
 */
package org.lowrank.adapter;
