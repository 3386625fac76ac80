/**
 * What solvers are judged by: slower or less robust ways to the same solution, among them that of a
 * released code. They exist to be measured against and are not for use elsewhere.
 */
package org.lowrank.bench.reference;
