/**
 * What earlier versions wrote and this one still reads: names of runs, records, tables, states of
 * optimizers, checkpoints, adapter folders. The files lie in {@code src/test/resources/pins};
 * {@link org.lowrank.pins.PinsWriter} made them. A pin that breaks says that results of others are
 * lost: it is not written anew for a change that was not meant to be seen.
 */
package org.lowrank.pins;
