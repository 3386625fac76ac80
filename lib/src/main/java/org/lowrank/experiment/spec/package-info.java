/**
 * What is asked for: a specification is read and checked, and becomes a grid of cells and the
 * configurations of their runs. The protocols are those of LoRA-Pro, section 4 (one rate for all),
 * of AltLoRA, appendix E (a rate from a small grid), and a fair one with equal budgets.
 *
 * <p>Not for: doing a run ({@code experiment.run}) or what it leaves ({@code experiment.record}).
 *
 * <p>May import: {@code task}, and what it may.
 */
package org.lowrank.experiment.spec;
