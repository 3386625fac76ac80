/**
 * Doing the runs of an experiment: the plan of what is missing, workers, a run that can be stopped
 * and resumed, progress and what is left to do.
 *
 * <p>Not for: training itself ({@code train}), tables and charts ({@code report}).
 *
 * <p>May import: {@code experiment.memory} and {@code experiment.record}, and what they may.
 */
package org.lowrank.experiment.run;
