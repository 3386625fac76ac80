/**
 * Small problems with a known answer, on which a claim about steps can be tried: {@link
 * org.lowrank.task.toy.MatrixSensing} and {@link org.lowrank.task.toy.OneExample} (AltLoRA, arXiv
 * 2505.12455, definitions 1 and 2, theorem 7).
 *
 * <p>Not for: data or models; a notebook steps them by itself.
 *
 * <p>May import: {@code adapter}, and what it may.
 */
package org.lowrank.task.toy;
