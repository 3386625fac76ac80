/**
 * Results for readers: statistics over seeds, tables with the papers' numbers beside ours, charts,
 * and listeners that show or measure a run while it trains.
 *
 * <p>Not for training: what is shown comes from finished records alone; {@link
 * org.lowrank.report.PublishedTables} asks {@code experiment.run} for those that are missing. The
 * papers' numbers are those of LoRA-Pro's tables 1 to 5 and AltLoRA's tables 1 to 12.
 */
package org.lowrank.report;
