/**
 * Charts, and where they are shown or written: a table of results over an axis, losses in training,
 * maps, pictures of a data set, in one style that can be read on white and on black.
 *
 * <p>Not for numbers: what a chart shows is computed by {@code report}, from finished records
 * alone, and knows nothing of charts.
 *
 * <p>May import: {@code report}, and what it may.
 */
package org.lowrank.report.chart;
