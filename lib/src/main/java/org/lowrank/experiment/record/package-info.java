/**
 * What a run leaves: its folder, its lock, its metrics and its record, and the archives in which
 * records are published.
 *
 * <p>Not for: planning or doing runs ({@code experiment.run}).
 *
 * <p>May import: {@code experiment.spec}, and what it may.
 */
package org.lowrank.experiment.record;
