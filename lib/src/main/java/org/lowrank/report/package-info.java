/**
 * Results for readers: statistics over seeds, tables with the papers' numbers beside ours, claims
 * that are checked, and the progress of a run that trains; {@code chart} draws them, {@code
 * picture} draws the methods themselves.
 *
 * <p>Not for training: what is shown comes from finished records alone; {@link
 * org.lowrank.report.PublishedTables} asks {@code experiment.run} for those that are missing. The
 * papers' numbers are those of LoRA-Pro's tables 1 to 5 and AltLoRA's tables 1 to 12.
 *
 * <p>May import: {@code experiment}, and what it may.
 */
package org.lowrank.report;
