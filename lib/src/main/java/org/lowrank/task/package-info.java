/**
 * What is trained on and scored: the configuration of a task and its losses.
 *
 * <p>Not for: schedules and steps ({@code train}), or files and protocols of experiments ({@code
 * experiment}).
 */
package org.lowrank.task;
