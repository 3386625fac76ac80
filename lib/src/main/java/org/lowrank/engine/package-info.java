/**
 * DJL and the machine tamed: constants inside graphs ({@link org.lowrank.engine.GraphConstants}),
 * programs of PyTorch given by their text, products with frozen weights ({@link
 * org.lowrank.engine.FrozenProduct}), matrices in few bits ({@link org.lowrank.engine.Packing}) and
 * the backward pass through them ({@link org.lowrank.engine.Tape}), devices, files that appear
 * whole or not at all, checksums, and what is known of the machine.
 *
 * <p>Every trap of the engine is stated here, beside the call that avoids it, and nowhere else. Not
 * for: LoRA, models or data. It belongs to no paper.
 *
 * <p>May import: no other room.
 */
package org.lowrank.engine;
