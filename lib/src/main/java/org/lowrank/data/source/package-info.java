/**
 * The files of the data sets: where they lie on this machine, what is known of each (source, size,
 * SHA-256, rows, licence), and how they are fetched.
 *
 * <p>For: {@link org.lowrank.data.source.DataRoot} (the folder {@code LOWRANK_DATA}), {@link
 * org.lowrank.data.source.Manifest} (the JSON files of {@code datasets/}), {@link
 * org.lowrank.data.source.DatasetFetcher}, and what lies in the local Maven repository ({@link
 * org.lowrank.data.source.MavenArtifact}); {@link org.lowrank.data.source.CacheFolder}, where what
 * can be made again lies. Not for: the meaning of what is in a file, nor for models. No third-party
 * text is part of the library.
 *
 * <p>May import: {@code data}, and what it may.
 */
package org.lowrank.data.source;
