/**
 * What is trained on and scored: a {@link org.lowrank.task.Task} is known by name, and open on a
 * model it has an objective, predictions of its own type, metrics and a trivial baseline. A kind is
 * a class here or in a room within; a reader's own is registered from a cell ({@link
 * org.lowrank.task.Tasks#register}). {@link org.lowrank.task.SmallVit} trains a model of our own by
 * one of them.
 *
 * <p>Not for: schedules and steps ({@code train}), or files and protocols of experiments ({@code
 * experiment}).
 *
 * <p>May import: {@code train}, and what it may.
 */
package org.lowrank.task;
