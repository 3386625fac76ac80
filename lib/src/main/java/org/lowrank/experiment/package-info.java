/**
 * Experiments: a specification goes in, runs that can be stopped and resumed come out, one record a
 * run.
 *
 * <p>Not for training itself ({@code org.lowrank.train}) and not for tables and charts ({@code
 * org.lowrank.report}). The protocols are those of LoRA-Pro, section 4 (one rate for all), of
 * AltLoRA, appendix E (a rate from a small grid), and a fair one with equal budgets.
 */
package org.lowrank.experiment;
