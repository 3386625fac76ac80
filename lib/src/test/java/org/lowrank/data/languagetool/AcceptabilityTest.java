package org.lowrank.data.languagetool;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.lowrank.data.LabelledText;
import org.lowrank.data.LabelledTexts;
import org.lowrank.data.Provenance;
import org.lowrank.data.TaskData;
import org.lowrank.data.source.LocalRepository;

class AcceptabilityTest {

    private static final Provenance MADE = new Provenance("made here", "none", "none", Map.of());

    private static LocalRepository repositoryWithRules() {
        var repository = LocalRepository.ofThisMachine();
        assumeTrue(
                repository.contains(Acceptability.RULES.artifact()),
                Acceptability.RULES.artifact() + " is not in " + repository.root());
        return repository;
    }

    private static List<String> rules(LabelledTexts split) {
        return split.examples().stream().map(LabelledText::origin).distinct().toList();
    }

    private static void assertNoRuleInTwoSplits(TaskData task) {
        var all = new ArrayList<String>();
        task.splits().forEach(split -> all.addAll(rules(split)));
        assertEquals(new HashSet<>(all).size(), all.size());
    }

    @Test
    void rulesDoNotCrossSplitsAndEverySplitIsBalanced() {
        var pairs = new ArrayList<MinimalPair>();
        for (var i = 0; i < 200; i++) {
            pairs.add(new MinimalPair("RULE_" + i % 37, "wrong " + i, "right " + i));
        }
        var task = Acceptability.split(pairs, 7, MADE);
        assertNoRuleInTwoSplits(task);
        task.splits().forEach(split -> assertEquals(0.5, split.majorityRate()));
        assertEquals(400, task.splits().stream().mapToInt(LabelledTexts::size).sum());
        assertTrue(task.test().size() >= 40 && task.test().size() <= 50, task.countTable());
        assertEquals(task, Acceptability.split(pairs, 7, MADE));
        assertNotEquals(task, Acceptability.split(pairs, 8, MADE));
    }

    @Test
    void theSentencesOfLanguageToolAreCountedAndEachStandsOnce() throws IOException {
        var repository = repositoryWithRules();
        List<RuleExample> examples;
        try (var in = Acceptability.RULES.open(repository)) {
            examples = RuleExamples.read(in, Acceptability.RULES.toString());
        }
        assertEquals(22532, examples.size());
        assertEquals(9003, examples.stream().filter(RuleExample::isWrong).count());
        var pairs = MinimalPairs.of(examples);
        assertEquals(7763, pairs.pairs().size());
        assertEquals(8.74, MinimalPairsTest.meanWords(pairs), 0.01);
        assertEquals(
                9003,
                pairs.pairs().size() + pairs.dropped().values().stream().mapToInt(i -> i).sum());
    }

    @Test
    void theTaskOfTheQuickstartHasTheCountsThatItsTextStates() throws IOException {
        var task = Acceptability.load(repositoryWithRules(), Acceptability.SPLIT_SEED);
        assertNoRuleInTwoSplits(task);
        var sentences =
                task.splits().stream()
                        .flatMap(split -> split.examples().stream())
                        .map(example -> UncasedForm.of(example.text()))
                        .collect(Collectors.toList());
        assertEquals(sentences.size(), new HashSet<>(sentences).size());
        assertArrayEquals(new int[] {6201, 6201}, task.train().classCounts());
        assertArrayEquals(new int[] {784, 784}, task.validation().classCounts());
        assertArrayEquals(new int[] {778, 778}, task.test().classCounts());
    }
}
