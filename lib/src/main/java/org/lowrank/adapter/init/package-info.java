/**
 * Starts of the factors that read W0 or its gradient, and the orthogonal one: PiSSA (arXiv
 * 2404.02948), LoRA-GA (arXiv 2407.05000), LoRA-One (arXiv 2502.01235), the spectral start of
 * AltLoRA's table 11 (arXiv 2505.12455), and the random ones. {@link
 * org.lowrank.adapter.Initializations} knows them by name.
 *
 * <p>Decompositions are PyTorch's own, reached through {@link org.lowrank.engine.TorchLinalg}: the
 * leading singular vectors of a 768 x 768 weight take 0.3 s of processor time by an
 * eigendecomposition of its Gram matrix in float64, against 5 s for EJML's eigenvalues, 10 s for
 * EJML's SVD, and 1 to 3 s for PyTorch's SVD.
 *
 * <p>Not for: how factors move, or what is kept of them.
 *
 * <p>May import: {@code adapter}, and what it may.
 */
package org.lowrank.adapter.init;
