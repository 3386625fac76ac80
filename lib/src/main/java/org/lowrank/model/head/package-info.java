/**
 * What stands on a body: pooling, classification and regression, and the guessing of masked words.
 *
 * <p>Not for: losses and metrics ({@code task}).
 *
 * <p>May import: {@code model.block}, and what it may.
 */
package org.lowrank.model.head;
