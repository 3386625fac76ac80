/**
 * From a string to token ids and back: tokenizers, batches of tokens, and text as it is written.
 *
 * <p>Not for: data sets ({@code data}) or what a model makes of the ids ({@code model}).
 */
package org.lowrank.text;
