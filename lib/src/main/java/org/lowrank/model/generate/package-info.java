/**
 * Text that goes on: a batch of texts token by token with what was read kept in memory ({@link
 * org.lowrank.model.generate.Continuation}), and ways of choosing what comes next.
 *
 * <p>{@link org.lowrank.model.generate.Generator} is the door: a model, a tokenizer and a {@link
 * org.lowrank.model.generate.Generation} (greedy, drawn, beams; how texts end) to texts, which may
 * be watched while they are written.
 *
 * <p>Not for: turning tokens into text ({@code text}), judging answers ({@code data.score}).
 *
 * <p>May import: {@code model}, and what it may.
 */
package org.lowrank.model.generate;
