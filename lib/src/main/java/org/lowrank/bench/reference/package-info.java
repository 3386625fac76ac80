/**
 * What solvers are judged by: slower or less robust ways to the same solution, among them that of a
 * released code. They exist to be measured against and are not for use elsewhere.
 *
 * <p>May import: {@code linalg} and {@code engine}, and what they may.
 */
package org.lowrank.bench.reference;
