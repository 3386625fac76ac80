package org.lowrank.data.languagetool;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.lowrank.data.LabelledText;
import org.lowrank.data.LabelledTexts;
import org.lowrank.data.Provenance;
import org.lowrank.data.SeededOrder;
import org.lowrank.data.TaskData;
import org.lowrank.data.source.JarResource;
import org.lowrank.data.source.LocalRepository;
import org.lowrank.data.source.MavenArtifact;
import org.lowrank.engine.Checksums;

/**
 * Is a sentence acceptable (1) or not (0)? Both sides of each minimal pair of LanguageTool's
 * English rule file, split by rule: no rule's sentences stand in two splits, so the test asks for
 * errors of kinds that were not trained on. Both sides of a pair stay together, so that a majority
 * class scores exactly 0.5 in every split.
 *
 * <p>LanguageTool 6.6 has 9,003 wrong examples; 7,763 pairs are left by {@link MinimalPairs}, of
 * 8.7 words on average: 12,402 sentences to train on, 1,568 for validation, 1,556 for the test.
 *
 * <p>The corrections are the first ones that the rules propose; in a few per cent of the pairs an
 * alternative would read better, so a score of 1 is out of reach.
 */
public final class Acceptability {

    /** The rule file in the artifact from Maven Central (LGPL 2.1 or later). */
    public static final JarResource RULES =
            new JarResource(
                    MavenArtifact.of("org.languagetool:language-en:6.6"),
                    "org/languagetool/rules/en/grammar.xml");

    public static final List<String> LABELS = List.of("unacceptable", "acceptable");

    /** The split that every record and table uses, unless it says otherwise. */
    public static final long SPLIT_SEED = 1;

    /** The share of pairs that each of the validation and the test split gets, at least. */
    public static final double HELD_OUT = 0.1;

    private Acceptability() {}

    /** The task from the repository of this machine, in its standard split. */
    public static TaskData load() throws IOException {
        return load(LocalRepository.ofThisMachine(), SPLIT_SEED);
    }

    /**
     * The task in a split of one's own.
     *
     * @param splitSeed decides which rules are held out
     * @throws org.lowrank.data.source.ArtifactNotFoundException if the artifact is neither here nor
     *     to be fetched
     */
    public static TaskData load(LocalRepository repository, long splitSeed) throws IOException {
        byte[] bytes;
        try (var in = RULES.open(repository)) {
            bytes = in.readAllBytes();
        }
        var examples = RuleExamples.read(new ByteArrayInputStream(bytes), RULES.toString());
        var provenance =
                new Provenance(
                        RULES.artifact().toString(),
                        "LGPL-2.1-or-later",
                        "minimal pairs of at least %s words, split by rule with seed %s"
                                .formatted(MinimalPairs.MIN_WORDS, splitSeed),
                        Map.of(RULES.entry(), Checksums.of(bytes)));
        return split(MinimalPairs.of(examples).pairs(), splitSeed, provenance);
    }

    /** Splits pairs by rule: test, validation, and the rest for training. */
    public static TaskData split(List<MinimalPair> pairs, long splitSeed, Provenance provenance) {
        var byRule = new TreeMap<String, Integer>();
        pairs.forEach(pair -> byRule.merge(pair.rule(), 1, Integer::sum));
        var rules = new LinkedHashMap<String, Integer>();
        var names = List.copyOf(byRule.keySet());
        for (var i : SeededOrder.of(names.size(), splitSeed)) {
            rules.put(names.get(i), byRule.get(names.get(i)));
        }
        var size = (int) Math.ceil(HELD_OUT * pairs.size());
        var test = takeRules(rules, size);
        var validation = takeRules(rules, size);
        return new TaskData(
                "acceptability",
                dataset("acceptability train", pairs, rules.keySet()),
                dataset("acceptability validation", pairs, validation),
                dataset("acceptability test", pairs, test),
                provenance);
    }

    /** Removes rules from the front until they hold {@code size} pairs or more. */
    private static Set<String> takeRules(Map<String, Integer> rules, int size) {
        var taken = new HashSet<String>();
        var count = 0;
        for (var iterator = rules.entrySet().iterator(); count < size && iterator.hasNext(); ) {
            var rule = iterator.next();
            taken.add(rule.getKey());
            count += rule.getValue();
            iterator.remove();
        }
        return taken;
    }

    private static LabelledTexts dataset(String name, List<MinimalPair> pairs, Set<String> rules) {
        var examples = new ArrayList<LabelledText>();
        for (var pair : pairs) {
            if (rules.contains(pair.rule())) {
                examples.add(LabelledText.of(pair.wrong(), 0, pair.rule()));
                examples.add(LabelledText.of(pair.right(), 1, pair.rule()));
            }
        }
        return new LabelledTexts(name, examples, LABELS);
    }
}
