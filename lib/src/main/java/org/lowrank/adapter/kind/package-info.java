/**
 * Layer kinds: LoRA and rsLoRA (arXiv 2106.09685, 2312.03732), DoRA (arXiv 2402.09353), AdaLoRA
 * (arXiv 2303.10512) with its penalty, importance and pruning, mixtures of LoRA experts (arXiv
 * 2505.12455, table 10). Each is an adapter that a linear map carries and a kind that makes it,
 * known to {@link org.lowrank.adapter.LayerKinds} by name.
 *
 * <p>Not for: how factors start ({@code org.lowrank.adapter.init}), how they move, or files.
 *
 * <p>May import: {@code adapter}, and what it may.
 */
package org.lowrank.adapter.kind;
