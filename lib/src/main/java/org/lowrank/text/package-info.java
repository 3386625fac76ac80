/**
 * From a string to token ids and the mask that belongs to them: tokenizers and batches of tokens.
 *
 * <p>Not for: data sets ({@code data}) or what a model makes of the ids ({@code model}).
 */
package org.lowrank.text;
