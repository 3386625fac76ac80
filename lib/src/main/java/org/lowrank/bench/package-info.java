/**
 * Measurements that ship with the library, so that a claim about speed can be repeated on any
 * machine: each compares a real step with the arithmetic it cannot do without, in one run.
 *
 * <p>Not for: micro-benchmarks of single operations, nor for anything that other packages import.
 */
package org.lowrank.bench;
