package org.lowrank.data.score;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lowrank.config.Json;
import org.lowrank.data.score.FewShot.Worked;
import org.lowrank.golden.GoldenFiles;

class FewShotTest {

    /** Values of Python 3.11: {@code r = random.Random(1234); r.sample(range(n), k)}. */
    @Test
    void drawsAsPythonDoes() {
        var random = new PythonRandom(1234);
        assertArrayEquals(new int[] {6374, 3610, 957, 61, 742}, random.sample(7473, 5));
        assertArrayEquals(new int[] {7462, 6610, 4769, 286, 5501}, random.sample(7473, 5));
        random = new PythonRandom(1234);
        assertArrayEquals(new int[] {14, 3, 0, 2, 1}, random.sample(20, 5));
        assertArrayEquals(
                new int[] {85, 88, 10, 12, 98, 45, 30, 2, 3, 44, 82, 79}, random.sample(100, 12));
        assertArrayEquals(
                new int[] {15, 19, 14, 4, 2, 5, 22, 3, 0, 16, 29, 7}, random.sample(30, 12));
    }

    @Test
    void writesExamplesThenTheQuestion() {
        var train = List.of(new Worked("2+2?", "Four.\n#### 4"));
        assertEquals(
                List.of("Question: 2+2?\nAnswer: Four.\n#### 4\n\nQuestion: 3+3?\nAnswer:"),
                FewShot.prompts(train, List.of("3+3?"), 1));
        assertEquals(
                List.of("Question: 3+3?\nAnswer:"), FewShot.prompts(train, List.of("3+3?"), 0));
        assertThrows(
                IllegalArgumentException.class, () -> FewShot.prompts(train, List.of("3+3?"), 2));
    }

    @Test
    void takesTheHarnessExamplesFromTheRealFile() throws Exception {
        var train =
                Files.readAllLines(GoldenFiles.path("data/gsm8k/train.jsonl")).stream()
                        .map(FewShotTest::worked)
                        .toList();
        var prompts = FewShot.prompts(train, List.of("q1", "q2"), FewShot.SHOTS);
        assertTrue(prompts.get(0).startsWith("Question: " + train.get(6374).question()));
        assertTrue(prompts.get(1).startsWith("Question: " + train.get(7462).question()));
        assertTrue(prompts.get(1).endsWith("\n\nQuestion: q2\nAnswer:"));
    }

    private static Worked worked(String line) {
        try {
            var item = Json.mapper().readTree(line);
            return new Worked(item.get("question").asText(), item.get("answer").asText());
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
