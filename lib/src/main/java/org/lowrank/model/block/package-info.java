/**
 * What networks are built of: named parts, tables, normalisations, attention, feed-forward maps,
 * positions. Each family of models arranges these blocks by a record of its sizes; none has a copy
 * of its own. Where nothing but LoRA pairs is trained on plain weights, {@link
 * org.lowrank.model.block.WholeLayer} takes a layer forward and back in one program each.
 *
 * <p>Blocks build graphs: no arithmetic with Java numbers here ({@link
 * org.lowrank.engine.GraphConstants}). Not for: heads ({@code model.head}), the reading of
 * configurations, names and weights ({@code model}).
 *
 * <p>May import: {@code adapter}, and what it may.
 */
package org.lowrank.model.block;
