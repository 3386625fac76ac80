/**
 * Text that goes on: a batch of texts token by token with what was read kept in memory ({@link
 * org.lowrank.model.generate.Continuation}), and ways of choosing what comes next.
 *
 * <p>Not for: turning tokens into text ({@code text}), judging answers ({@code data.score}).
 */
package org.lowrank.model.generate;
