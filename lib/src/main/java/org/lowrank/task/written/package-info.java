/**
 * Published tests of what a language model writes, run on an open model: word problems (GSM8K and
 * the sets of LLM-Adapters), programs (HumanEval), answers for a judge (MT-bench). Each gives the
 * papers' own scores and beside them the likelihood of the reference answers, which has less noise.
 *
 * <p>Not for: the rules and file formats themselves ({@code data.score}), nor for training.
 *
 * <p>May import: {@code task.instruction}, and what it may.
 */
package org.lowrank.task.written;
