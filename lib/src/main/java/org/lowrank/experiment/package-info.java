/**
 * Experiments: what is asked for ({@code spec}), what it needs ({@code memory}), how it is done
 * ({@code run}) and what it leaves ({@code record}).
 *
 * <p>Not for: tables and charts ({@code report}), nor for a step of training ({@code train}).
 *
 * <p>May import: {@code task} and {@code diagnostics}, and what they may.
 */
package org.lowrank.experiment;
