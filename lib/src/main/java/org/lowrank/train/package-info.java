/**
 * The training loop: objectives, schedules, gradient accumulation and clipping, evaluation,
 * listeners, and the files a run leaves. A run is a function of its configuration and seed: every
 * step seeds the engine's random source anew, so that a resumed run goes on bit-equal.
 *
 * <p>Not here: what moves the factors ({@code optim}), what a run is called and where its record
 * lies ({@code experiment}), models and data (they meet the loop as an {@link
 * org.lowrank.train.Objective}).
 *
 * <p>May import: {@code optim}, and what it may.
 */
package org.lowrank.train;
