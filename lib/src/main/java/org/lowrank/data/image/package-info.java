/**
 * Pictures: decoding, resizing to the bits of PIL, the preprocessing that a model's own file asks
 * for, readers of published sets, augmentation by a seed.
 *
 * <p>Not for: models, and what is trained on ({@code task}).
 *
 * <p>May import: {@code data.glue}, and what it may.
 */
package org.lowrank.data.image;
