/**
 * The command line, {@code environment/lowrank}: plan, run, status, table, clean, and run-one for
 * worker processes and cluster tasks; fetch, tune, generate, chat and score for a language model;
 * optimizers and devices say what there is, bench and figures make what stands in {@code figures}.
 *
 * <p>Not for anything that a notebook could not call as well: each command is a few lines over
 * {@code org.lowrank.experiment} and {@code org.lowrank.report}.
 *
 * <p>May import: {@code report} and {@code bench}, and what they may.
 */
package org.lowrank.cli;
