package org.lowrank.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lowrank.golden.GoldenFiles;

/** Text that appears while ids are written: characters over several ids, stop texts, blanks. */
class TextStreamTest {

    private record Shown(List<String> pieces, int ids, String text, boolean stopped) {}

    private static Shown run(String tokenizer, List<String> stops, int... ids) throws IOException {
        var folder = GoldenFiles.golden("hf").resolve("tokenizers").resolve(tokenizer);
        try (var opened = TextTokenizer.ofFolder(folder)) {
            var stream = opened.stream(stops);
            var pieces = new ArrayList<String>();
            int taken = 0;
            while (taken < ids.length && !stream.stopped()) {
                pieces.add(stream.add(ids[taken++]));
            }
            var rest = stream.finish();
            assertEquals(String.join("", pieces) + rest, stream.text());
            return new Shown(pieces, taken, stream.text(), stream.stopped());
        }
    }

    @Test
    void aCharacterAppearsWithItsLastByte() throws IOException {
        var shown = run("bpe_gpt2", List.of(), 81, 77, 223, 175, 256, 250, 227, 223, 130, 105, 3);
        assertEquals(
                List.of("o", "k", " ", "", "", "", "\uD83D\uDE42", " ", "", "é", "!"),
                shown.pieces);
    }

    @Test
    void theBlankBeforeAWordStays() throws IOException {
        var shown = run("bpe_llama2", List.of(), 356, 444, 356, 368, 394, 419);
        assertEquals(List.of("", " The", " ", "\uD83D\uDE42", " c", "ow"), shown.pieces);
    }

    @Test
    void whatIsOpenAtTheEndIsShownAsItIs() throws IOException {
        assertEquals("ok \uFFFD", run("bpe_gpt2", List.of(), 81, 77, 223, 175, 256).text);
        var shown = run("bpe_llama2", List.of(), 372, 198, 306, 231, 192, 163);
        assertEquals("a\uFFFDb\u4F60", shown.text);
    }

    @Test
    void aStopTextOverSeveralIdsEndsItAndIsNotShown() throws IOException {
        var shown =
                run(
                        "bpe_gpt2",
                        List.of("\nUser:"),
                        67,
                        272,
                        201,
                        55,
                        330,
                        418,
                        201,
                        55,
                        85,
                        277,
                        28,
                        269,
                        375);
        assertEquals(11, shown.ids);
        assertEquals("a b\nUse this", shown.text);
        assertTrue(shown.stopped);
        assertTrue(shown.pieces.contains("\nUse") || String.join("", shown.pieces).contains("Use"));
        shown = run("bpe_gpt2", List.of("\n\nQuestion"), 273, 71, 201, 201, 51, 87, 390, 394, 28);
        assertEquals(8, shown.ids);
        assertEquals("one", shown.text);
    }

    @Test
    void aBeginningOfAStopThatDoesNotGoOnIsShown() throws IOException {
        var shown = run("bpe_gpt2", List.of("\n\nQuestion"), 273, 71, 201, 201);
        assertEquals("one\n\n", shown.text);
        assertFalse(shown.stopped);
    }

    @Test
    void afterAStopThereIsNoMore() throws IOException {
        var stream = new TextStream(ids -> "x".repeat(ids.length), List.of("xx"));
        assertEquals("", stream.add(1));
        assertEquals("", stream.add(1));
        assertThrows(IllegalStateException.class, () -> stream.add(1));
        assertThrows(IllegalArgumentException.class, () -> new TextStream(ids -> "", List.of("")));
    }
}
