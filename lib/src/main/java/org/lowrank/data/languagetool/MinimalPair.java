package org.lowrank.data.languagetool;

/**
 * Two sentences that differ in one span.
 *
 * @param rule the rule whose example this is
 * @param wrong the unacceptable sentence
 * @param right the same with the rule's first correction
 */
public record MinimalPair(String rule, String wrong, String right) {}
