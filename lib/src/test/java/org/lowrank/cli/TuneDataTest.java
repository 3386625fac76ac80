package org.lowrank.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is wrong or odd in a file that a model is tuned on is named by its line. */
@Isolated
class TuneDataTest {

    @TempDir private Path root;
    private SumTuning tuning;

    @BeforeEach
    void files() throws IOException {
        tuning = SumTuning.in(root);
    }

    @Test
    void brokenRecordsAreLeftOutOnlyIfThatIsAskedFor() throws IOException {
        var good = Files.readString(root.resolve("train.jsonl"));
        Files.writeString(root.resolve("train.jsonl"), good + "{oops\n{\"prompt\": \"1\"}\n");
        var refused = tuning.tune("--rates", "1e-3");
        assertEquals(1, refused.code());
        assertTrue(refused.err().contains("2 faults"), refused.err());
        var done =
                tuning.tune(
                        "--rates", "1e-3", "--broken", "leave_out", "--judged", "by_likelihood");
        assertEquals(0, done.code(), done.err());
        assertTrue(done.out().contains("train broken: 2"), done.out());
        long lines = good.lines().count();
        assertTrue(done.out().contains("line " + (lines + 1) + ": column 2"), done.out());
        assertTrue(done.out().contains("line " + (lines + 2) + ": no answer"), done.out());
    }

    /** A file that a person may have, its name, and what must be said of it beside its name. */
    static Stream<Arguments> badFiles() {
        var good = SumTuning.sums(0, 12);
        var utf16 = good.getBytes(StandardCharsets.UTF_16LE);
        var latin = (good + "{\"prompt\": \"gr\u00f6\u00dfer?\", \"completion\": \"1\"}\n");
        var first = "{\"prompt\": \"0+0=\", \"completion\": \"0\"}";
        return Stream.of(
                bad("broken line", good + "{\"prompt\": \"1\", \"comple", "line 13", "ends inside"),
                bad("a comma too many", good + "{\"prompt\": \"1\",}\n", "line 13", "comma"),
                bad(
                        "empty answer",
                        good + "{\"prompt\": \"1\", \"completion\": \" \"}",
                        "line 13",
                        "empty"),
                bad("no answer", good + "{\"prompt\": \"1\"}\n" + good, "line 13", "absent"),
                bad(
                        "null answer",
                        good + "{\"prompt\": \"1\", \"completion\": null}",
                        "line 13",
                        "null"),
                bad(
                        "mixed columns",
                        good + "{\"question\": \"1\", \"answer\": \"1\"}",
                        "line 13",
                        "line 1 had prompt"),
                bad(
                        "unknown columns",
                        "{\"frage\": \"1\", \"antwort\": \"1\"}\n",
                        "line 1",
                        "prompt/completion"),
                bad("no object", good + "[\"1\", \"2\"]\n", "line 13", "an object is expected"),
                bad("latin", latin.getBytes(StandardCharsets.ISO_8859_1), "line 13", "not UTF-8"),
                bad("utf16", utf16, "UTF-16"),
                bad("empty", "", "holds no record"),
                bad("blank lines", "\n\r\n \n", "holds no record"),
                bad("web page", "<!DOCTYPE html>\n<html><body>404</body></html>", "HTML"),
                bad("pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "LFS"),
                bad(
                        "after a mark, with CR LF",
                        "\uFEFF" + good.replace("\n", "\r\n") + "{oops\r\n",
                        "line 13"),
                bad("one question", (first + "\n").repeat(12), "held-out ones ask"),
                bad("too few", SumTuning.sums(0, 2), "at least 3"),
                bad(
                        "all too long",
                        good.replace("=", "=" + "1+".repeat(40)),
                        "none of 12",
                        "line 1",
                        "max_length"),
                bad(
                        "talk ends with a question",
                        "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}]}",
                        "line 1",
                        "user"),
                bad(
                        "label outside the roles",
                        "{\"messages\": [{\"role\": \"bot\", \"content\": \"a\"}]}",
                        "line 1",
                        "bot"));
    }

    private static Arguments bad(String name, Object content, String... said) {
        return Arguments.of(name, content, List.of(said));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void badFiles(String name, Object content, List<String> said) throws IOException {
        var bytes =
                content instanceof byte[] raw
                        ? raw
                        : content.toString().getBytes(StandardCharsets.UTF_8);
        Files.write(root.resolve("train.jsonl"), bytes);
        var outcome = tuning.tune();
        assertEquals(1, outcome.code(), outcome.err());
        assertTrue(outcome.err().contains("train.jsonl"), outcome.err());
        for (var words : said) {
            assertTrue(outcome.err().contains(words), outcome.err());
        }
        for (var machine : List.of("Exception", "\tat ", "jackson", "null:")) {
            assertFalse(outcome.err().contains(machine), outcome.err());
        }
        assertFalse(Files.exists(root.resolve("out/adapter")));
        assertFalse(Files.exists(root.resolve("out/tune.json")), "a bad file leaves no tuning");
    }

    /** What can be used is used, and the rest is named. */
    @Test
    void whatIsOddIsNamedByLineAndTheRestIsTrainedOn() throws IOException {
        var odd =
                "\uFEFF"
                        + SumTuning.sums(0, 20).replace("\n", "\r\n")
                        + "{\"prompt\": \"0+0=\", \"completion\": \"0\"}\r\n\r\n"
                        + "{\"prompt\": \"9+9=\", \"completion\": 18}\r\n"
                        + "{\"prompt\": \""
                        + "1+".repeat(200)
                        + "\", \"completion\": \"200\"}\r\n";
        Files.writeString(root.resolve("train.jsonl"), odd);
        Files.writeString(root.resolve("test.jsonl"), SumTuning.sums(19, 22));
        var outcome =
                tuning.tune("--test", tuning.file("test.jsonl"), "--rates", "1e-3", "--steps", "1");
        assertEquals(0, outcome.code(), outcome.err());
        for (var words :
                List.of(
                        "records 23",
                        "train.jsonl, line 21: the same question and answer as line 1",
                        "train.jsonl, line 24:",
                        "tokens, max_length is 32",
                        "test.jsonl, line 1: its question is trained on: ",
                        "train.jsonl, line 20")) {
            assertTrue(outcome.out().contains(words), words + "\n" + outcome.out());
        }
    }

    @Test
    void aLabelThatTheTrainingFileDoesNotHaveIsNamed() throws IOException {
        var lines = new StringBuilder();
        for (int i = 0; i < 24; i++) {
            lines.append(
                    "{\"text\": \"%d\", \"label\": \"%s\"}%n"
                            .formatted(i, i % 2 == 0 ? "even" : "odd"));
        }
        Files.writeString(root.resolve("train.jsonl"), lines);
        Files.writeString(
                root.resolve("test.jsonl"),
                "{\"text\": \"30\", \"label\": \"even\"}\n{\"text\": \"31\", \"label\": \"Odd\"}\n");
        var outcome =
                tuning.tune("--test", tuning.file("test.jsonl"), "--rates", "1e-3", "--steps", "1");
        assertEquals(0, outcome.code(), outcome.err());
        var said = "test.jsonl, line 2: the answer \"Odd\" is none of the 2 in";
        assertTrue(outcome.out().contains(said), outcome.out());
        assertFalse(outcome.out().contains("line 1: the answer"), outcome.out());
    }
}
