/**
 * What has a name and options, and what is wrong with it: an option declared once ({@link
 * org.lowrank.config.Option}), what is known by name ({@link org.lowrank.config.Registry}: built
 * in, from a jar, or from a cell of this session), a name with its options as a table holds it
 * ({@link org.lowrank.config.Choice}), JSON as it is read and written ({@link
 * org.lowrank.config.Json}), and all faults of a configuration at once ({@link
 * org.lowrank.config.Problems}).
 *
 * <p>Not for: what a name means (the room that registers it says so).
 *
 * <p>May import: no other room.
 */
package org.lowrank.config;
