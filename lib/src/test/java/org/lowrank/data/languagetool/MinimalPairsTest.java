package org.lowrank.data.languagetool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.lowrank.data.languagetool.MinimalPairs.Reason;

class MinimalPairsTest {

    private static RuleExample wrong(String before, String marked, String after, String correct) {
        return new RuleExample("R", before, marked, after, Optional.of(correct));
    }

    private static RuleExample right(String sentence) {
        return new RuleExample("R", sentence, "", "", Optional.empty());
    }

    @Test
    void takesTheFirstCorrectionAndTidiesSpaces() {
        var pairs =
                MinimalPairs.of(
                        List.of(
                                wrong("We\u00a0all  ", "goes", " there often.", "go|went"),
                                wrong("It is ", "very ", "very cold today.", "")));
        assertEquals(
                List.of(
                        new MinimalPair("R", "We all goes there often.", "We all go there often."),
                        new MinimalPair(
                                "R", "It is very very cold today.", "It is very cold today.")),
                pairs.pairs());
        assertEquals((5 + 5 + 6 + 5) / 4.0, meanWords(pairs));
    }

    @Test
    void errorsThatAnUncasedTokenizerCannotSeeMakeNoPair() {
        var pairs =
                MinimalPairs.of(
                        List.of(
                                wrong("We all visit ", "paris", " in May.", "Paris"),
                                wrong("We all drink ", "cafe", " in May.", "café"),
                                wrong("We all rest", " ,", " then go.", ","),
                                wrong("They meet ", "every day", " at work.", "everyday")));
        assertEquals(Map.of(Reason.SAME_WHEN_UNCASED, 3), pairs.dropped());
        assertEquals("They meet everyday at work.", pairs.pairs().get(0).right());
    }

    @Test
    void aSentenceStandsInOnePairAndOnOneSideOnly() {
        var pairs =
                MinimalPairs.of(
                        List.of(
                                wrong("He ", "have", " a red car.", "has"),
                                wrong("He ", "haves", " a red car.", "has"),
                                wrong("She ", "will has", " a red car.", "will had"),
                                wrong("She will ", "had", " a red car.", "have"),
                                wrong("They ", "was", " at home then.", "were"),
                                right("they was at home then."),
                                wrong("Too ", "shorts", ".", "short")));
        assertEquals(
                List.of(new MinimalPair("R", "He have a red car.", "He has a red car.")),
                pairs.pairs());
        assertEquals(
                Map.of(Reason.REPEATED, 1, Reason.WRONG_AND_RIGHT, 3, Reason.TOO_SHORT, 1),
                pairs.dropped());
    }

    @Test
    void theUncasedFormSplitsWordsAndMarksAsBertDoes() {
        assertEquals(
                "don ' t pay 5 $ , naive one !", UncasedForm.of("Don't pay 5$, naïve\u00ad one!"));
        assertEquals(UncasedForm.of("a - b"), UncasedForm.of("A-B"));
        assertNotEquals(UncasedForm.of("a lot"), UncasedForm.of("alot"));
    }

    /** Of a sentence, over both sides of all pairs. */
    static double meanWords(MinimalPairs pairs) {
        return pairs.pairs().stream()
                .flatMap(pair -> Stream.of(pair.wrong(), pair.right()))
                .mapToInt(sentence -> sentence.split(" ").length)
                .average()
                .orElseThrow();
    }
}
