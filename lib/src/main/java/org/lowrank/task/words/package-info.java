/**
 * Classes as words: a model that writes is given a text in a prompt and says its class as a word
 * (Raffel et al., arXiv 1910.10683, section 2.4), as the papers train T5 on GLUE.
 *
 * <p>Not for: the prompts themselves ({@code data.glue}), what a metric counts ({@code
 * data.score}), answers of more than a word ({@link
 * org.lowrank.task.instruction.InstructionTuning}).
 *
 * <p>May import: {@code task.instruction}, and what it may.
 */
package org.lowrank.task.words;
