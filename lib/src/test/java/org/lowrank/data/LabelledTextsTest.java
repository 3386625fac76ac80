package org.lowrank.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LabelledTextsTest {

    private static final List<String> LABELS = List.of("no", "yes", "maybe");

    /** 50 no, 30 yes, 20 maybe, mixed. */
    private static LabelledTexts hundred() {
        var examples = new ArrayList<LabelledText>();
        for (var i = 0; i < 100; i++) {
            var label = i % 10 < 5 ? 0 : i % 10 < 8 ? 1 : 2;
            examples.add(LabelledText.of("sentence " + i, label, ""));
        }
        return new LabelledTexts("made train", examples, LABELS);
    }

    @Test
    void countsItsClassesAndKnowsTheMajority() {
        assertArrayEquals(new int[] {50, 30, 20}, hundred().classCounts());
        assertEquals(0.5, hundred().majorityRate());
    }

    @Test
    void aSampleKeepsTheSharesOfTheClasses() {
        assertArrayEquals(new int[] {10, 6, 4}, hundred().sample(20, 3).classCounts());
        // 7 of 100 are 3.5, 2.1 and 1.4: the largest remainder gets the row that rounding lost.
        assertArrayEquals(new int[] {4, 2, 1}, hundred().sample(7, 3).classCounts());
    }

    @Test
    void aSampleDependsOnTheSeedAndNothingElse() {
        assertEquals(hundred().sample(20, 3), hundred().sample(20, 3));
        assertNotEquals(hundred().sample(20, 3), hundred().sample(20, 4));
    }

    @Test
    void theTwoPartsMakeUpTheWholeAndShareNothing() {
        var parts = hundred().part(33, 5);
        var taken = new HashSet<>(parts.taken().examples());
        assertEquals(33, taken.size());
        assertTrue(parts.rest().examples().stream().noneMatch(taken::contains));
        taken.addAll(parts.rest().examples());
        assertEquals(new HashSet<>(hundred().examples()), taken);
    }

    @Test
    void aPartIsNeverTheWholeNorNothing() {
        for (var count : new int[] {0, 100, 101}) {
            var error =
                    assertThrows(IllegalArgumentException.class, () -> hundred().part(count, 1));
            assertTrue(error.getMessage().contains("100 examples of 'made train'"));
        }
    }

    @Test
    void anEmptySplitIsRefusedByName() {
        var error =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> new LabelledTexts("CoLA validation", List.of(), LABELS));
        assertTrue(
                error.getMessage().startsWith("the split 'CoLA validation' has no examples"),
                error.getMessage());
    }

    @Test
    void aClassThatDoesNotExistIsRefusedWithItsRow() {
        var examples = List.of(LabelledText.of("fine", 2, ""), LabelledText.of("not fine", 3, ""));
        var error =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> new LabelledTexts("made", examples, LABELS));
        assertTrue(error.getMessage().contains("example 1 of 'made'"), error.getMessage());
        assertTrue(error.getMessage().contains("[no, yes, maybe]"), error.getMessage());
    }

    @Test
    void aScoreIsNoClassAndHasNoMajority() {
        var scores =
                new LabelledTexts(
                        "made scores",
                        List.of(
                                LabelledText.ofPair("a", "b", 2.5, ""),
                                LabelledText.ofPair("c", "d", 5, "")),
                        List.of());
        assertFalse(scores.isClassification());
        assertTrue(scores.hasPairs());
        assertArrayEquals(new double[] {2.5, 5}, scores.targets());
        assertThrows(IllegalStateException.class, scores::majorityRate);
        assertThrows(IllegalStateException.class, () -> scores.examples().get(0).label());
        assertEquals(1, scores.sample(1, 9).size());
    }

    @Test
    void blankTextsAndScoresThatAreNoNumbersAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> LabelledText.of(" ", 0, ""));
        assertThrows(IllegalArgumentException.class, () -> LabelledText.ofPair("", " ", 0, ""));
        assertThrows(
                IllegalArgumentException.class,
                () -> LabelledText.ofPair("a", "b", Double.NaN, ""));
    }

    @Test
    void theHashTellsOrderTextAndTargetApart() {
        var one = LabelledText.of("one", 0, "");
        var two = LabelledText.of("two", 1, "");
        var hash = new LabelledTexts("x", List.of(one, two), LABELS).sha256();
        assertEquals(hash, new LabelledTexts("y", List.of(one, two), LABELS).sha256());
        assertNotEquals(hash, new LabelledTexts("x", List.of(two, one), LABELS).sha256());
        assertNotEquals(
                hash,
                new LabelledTexts("x", List.of(one, LabelledText.of("two", 2, "")), LABELS)
                        .sha256());
    }

    @Test
    void aTaskPrintsTheCountOfEachClassInEachSplit() {
        var parts = hundred().part(20, 1);
        var provenance = new Provenance("made here", "none", "nothing", Map.of());
        var task =
                new TaskData(
                        "made",
                        hundred(),
                        parts.taken().named("made validation"),
                        parts.rest().named("made test"),
                        provenance);
        var lines = task.countTable().lines().map(l -> l.strip().replaceAll(" +", " ")).toList();
        assertEquals(
                List.of(
                        "made examples no yes maybe majority",
                        "made train 100 50 30 20 0.500",
                        "made validation 20 10 6 4 0.500",
                        "made test 80 40 24 16 0.500"),
                lines);
        assertEquals(40, task.withTrainSample(40, 1).train().size());
        assertEquals(20, task.withTrainSample(40, 1).validation().size());
    }
}
