/**
 * The task of the quickstart: is an English sentence acceptable? Its sentences are the examples
 * that the authors of LanguageTool wrote for their rules.
 *
 * <p>For: reading the rule file ({@link org.lowrank.data.languagetool.RuleExamples}), pairing each
 * wrong sentence with its correction ({@link org.lowrank.data.languagetool.MinimalPairs}) and
 * splitting the pairs by rule ({@link org.lowrank.data.languagetool.Acceptability}). Not for:
 * applying the rules. The task is not in the papers; it stands in for CoLA where nothing can be
 * downloaded but a Maven artifact.
 *
 * <p>May import: {@code data.source}, and what it may.
 */
package org.lowrank.data.languagetool;
