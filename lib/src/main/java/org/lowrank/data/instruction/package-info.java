/**
 * Instruction data: records of prompt and answer or whole talks, from JSON, JSON Lines and Parquet;
 * what is wrong with a file, all lines at once; tokenized samples with their labels, padded or
 * packed; which records two sets share.
 *
 * <p>As LoRA-Pro (arXiv 2407.18242, section on language models) and AltLoRA (arXiv 2505.12455) tune
 * on MetaMathQA, CodeFeedback and WizardLM, and as people bring their own files.
 *
 * <p>Not for: generation and scoring ({@code task}, {@code data.score}) or native arrays.
 *
 * <p>May import: {@code data.source}, and what it may.
 */
package org.lowrank.data.instruction;
