/**
 * Measurements that ship with the library, so that a claim about speed can be repeated on any
 * machine: each compares a real step with the arithmetic it cannot do without, or a solver with the
 * way of a released code, in one run. {@code environment/lowrank bench} runs them and writes their
 * tables. What exists here only to be measured against is not for use elsewhere.
 *
 * <p>{@link org.lowrank.bench.OptimizerCount} counts what a step needs on models that are too large
 * to run here (AltLoRA, arXiv 2505.12455, tables 1 and 3).
 *
 * <p>Not for: micro-benchmarks of single operations, nor for anything that other packages import.
 *
 * <p>May import: {@code bench.reference} and {@code experiment}, and what they may.
 */
package org.lowrank.bench;
