/**
 * Pictures of the methods, as SVG: what a formula of the papers does to a matrix or a vector. Where
 * a picture shows numbers they come from this library's own solvers and rules.
 *
 * <p>Not for results of runs: those are in {@code report.chart}. What is shown is W = W₀ + sBA,
 * LoRA-Pro's theorems 2.1 and 2.3 and AltLoRA's theorems 1 and 2.
 *
 * <p>May import: {@code linalg}, and what it may.
 */
package org.lowrank.report.picture;
