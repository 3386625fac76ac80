/**
 * The command line, {@code environment/lowrank}: plan, run, status, table, clean, and run-one for
 * worker processes and cluster tasks; fetch, tune, generate, chat and score for a language model.
 *
 * <p>Not for anything that a notebook could not call as well: each command is a few lines over
 * {@code org.lowrank.experiment} and {@code org.lowrank.report}.
 */
package org.lowrank.cli;
