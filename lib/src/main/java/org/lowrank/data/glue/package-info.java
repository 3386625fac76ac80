/**
 * GLUE (Wang et al. 2019) and TREC: readers of the official files, the metrics and classes of each
 * task, and the splits that the experiments use.
 *
 * <p>GLUE keeps the labels of its test sets to itself. Its dev sets serve as test splits here, as
 * in LoRA-Pro (arXiv 2407.18242, GLUE table) and AltLoRA (arXiv 2505.12455), and a validation split
 * is cut from the training rows, so that nothing is ever tuned on the rows that are reported.
 *
 * <p>Not here: the files (package {@code source}) and tokenization (package {@code text}).
 *
 * <p>May import: {@code data.source} and {@code data.score}, and what they may.
 */
package org.lowrank.data.glue;
