/**
 * Prompts and their answers: which rows of which files or sets, what of them is learned, and how a
 * model's answers are judged. {@link org.lowrank.task.instruction.InstructionTuning} is the task;
 * the same rows in the chat template or after worked examples are tasks beside it.
 *
 * <p>Not for: readers of files and sets ({@code data.instruction}), rules for written answers
 * ({@code data.score}), or tests of an open model ({@code task.written}).
 *
 * <p>May import: {@code task}, and what it may.
 */
package org.lowrank.task.instruction;
