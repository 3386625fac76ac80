/**
 * Scores as pure functions of what a model said: of classes and numbers those of GLUE (Wang et al.
 * 2019), of worked answers the rules of both papers for GSM8K and of LLM-Adapters for the small
 * arithmetic sets, exact arithmetic, and the likelihood of reference answers.
 *
 * <p>Programs that a model wrote are run in {@code program}, answers in prose are given to a judge
 * in {@code judge}. Not here: statistics over seeds and intervals (package {@code report}), nor how
 * a model arrives at what it says.
 *
 * <p>May import: {@code data}, and what it may.
 */
package org.lowrank.data.score;
