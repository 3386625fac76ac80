/**
 * From a string to token ids and back: tokenizers of every format, batches of tokens, text as it is
 * written, and chat templates (their language is in {@code jinja}).
 *
 * <p>Not for: data sets ({@code data}) or what a model makes of the ids ({@code model}).
 *
 * <p>May import: {@code text.jinja}, {@code linalg}, {@code config} and {@code engine}, and what
 * they may.
 */
package org.lowrank.text;
