/**
 * Tasks and their examples: what a model is trained and tested on, as plain Java values.
 *
 * <p>For: an {@link org.lowrank.data.LabelledText}, a split of a task ({@link
 * org.lowrank.data.LabelledTexts}), the three splits with what is known of their source ({@link
 * org.lowrank.data.TaskData}), and batches of token ids. The tasks themselves lie in packages of
 * their own: sentences from LanguageTool in {@code languagetool}, GLUE and TREC in {@code glue};
 * {@code source} finds and fetches files, {@code score} scores predictions.
 *
 * <p>Not for: tokenizers and models (packages {@code text} and {@code model}) or native arrays. Of
 * the engine only files are used here: whole or not at all, with their checksums. GLUE is the task
 * set of LoRA-Pro (arXiv 2407.18242), table "GLUE", and of AltLoRA (arXiv 2505.12455), its
 * natural-language-understanding table.
 *
 * <p>May import: {@code weights} and {@code text}, and what they may.
 */
package org.lowrank.data;
