/**
 * What a run needs before it starts: memory by part, from the widths of its model and its batch.
 *
 * <p>Not for: what a run has taken, which stands in its record ({@code experiment.record}).
 *
 * <p>May import: {@code experiment.spec}, and what it may.
 */
package org.lowrank.experiment.memory;
