/**
 * The scores of GLUE (Wang et al. 2019) as pure functions of predictions and targets: accuracy, F1,
 * Matthews' correlation, Pearson's and Spearman's.
 *
 * <p>Not here: statistics over seeds and intervals (package {@code report}), nor how a model
 * arrives at a prediction.
 */
package org.lowrank.data.score;
