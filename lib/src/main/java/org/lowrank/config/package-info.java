/**
 * What has a name and options, and what is wrong with it: JSON as it is read and written ({@link
 * org.lowrank.config.Json}), a named choice with its options ({@link org.lowrank.config.Choice}),
 * and all faults of a configuration at once ({@link org.lowrank.config.Problems}).
 *
 * <p>Not for: what a name means (the room that registers it says so). Nothing here imports the
 * engine or another room.
 */
package org.lowrank.config;
