package org.lowrank.data.instruction;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lowrank.golden.GoldenFiles;

/** Files of records as people have them: what is read, and what is wrong by its line. */
class InstructionFileTest {

    private static final String FIRST = "{\"prompt\": \"2+2?\", \"completion\": \"4\"}\n";

    @TempDir Path folder;

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private List<String> faults(String text) throws IOException {
        var file = file("t.jsonl", text);
        var error = assertThrows(DataFaultsException.class, () -> InstructionFile.read(file));
        assertTrue(error.getMessage().startsWith(file + ": "), error.getMessage());
        return error.faults();
    }

    @Test
    void marksBlankLinesAndLineEndsOfOtherSystemsArePassedBy() throws IOException {
        var read =
                InstructionFile.read(
                        file(
                                "t.jsonl",
                                "\uFEFF{\"prompt\": \"2+2?\", \"completion\": \"4\"}\r\n\r\n"
                                        + "   \r\n"
                                        + "{\"prompt\": \"3\u20283\u0085?\", \"completion\": \"6\"}"));
        assertEquals(2, read.size());
        assertEquals(4, read.get(1).line());
        assertEquals("3\u20283\u0085?", read.get(1).instruction());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"prompt\": \"a\", \"completion\": \"b\",}     | a comma before }",
                "{\"prompt\": \"a\", \"completion\": NaN}        | NaN is no JSON value",
                "{\"prompt\": \"a\", \"completion\": \"b\"} {}   | text after the end of the value",
                "\"just text\"                                   | is a text, an object is"
                        + " expected",
                "{\"prompt\": \"a                                | the file ends inside a record",
                "{\"instruction\": \"a\", \"output\": \"b\"}     | has instruction, output; line 1"
                        + " had prompt, completion",
                "{\"prompt\": \"a\", \"completion\": \" \"}      | no answer: completion is empty",
                "{\"prompt\": \"a\", \"completion\": null}       | no answer: completion is null",
                "{\"prompt\": \"a\"}                             | no answer: completion is absent",
                "{\"prompt\": [1], \"completion\": \"b\"}        | no prompt: prompt is no text",
                "{\"a\": \"a\"}                                  | no columns that are known",
                "prompt,completion                               | is no JSON; records are JSON Lines",
                "{\"prompt\": \"a\", \"prompt\": \"b\"}          | Duplicate field 'prompt'",
            })
    void aBadLineIsNamed(String second, String expected) throws IOException {
        var faults = faults(FIRST + second);
        assertEquals(1, faults.size());
        assertTrue(faults.get(0).startsWith("line 2: "), faults.get(0));
        assertTrue(faults.get(0).contains(expected), faults.get(0));
    }

    /**
     * What the files hold is in their folder; this says which way was taken where two are right.
     */
    @ParameterizedTest
    @CsvSource({
        "bom_blank_crlf, 2, ''",
        "u2028_in_text, 2, ''",
        "messages, 2, ''",
        "array_not_lines, 2, ''",
        "sharegpt, 1, ''",
        "trailing_comma, 0, line 2: ",
        "nan, 0, line 2: ",
        "two_on_a_line, 0, line 1: ",
        "not_an_object, 0, line 2: ",
        "cut_at_the_end, 0, line 2: ",
        "mixed_columns, 0, line 2: ",
        "empty_answer, 0, line 2: ",
    })
    void filesOfPeopleAreReadOrRefusedByLine(String name, int records, String fault)
            throws IOException {
        var file = GoldenFiles.path("cases/34-instruction-files").resolve(name + ".jsonl");
        if (fault.isEmpty()) {
            assertEquals(records, InstructionFile.read(file).size());
            return;
        }
        var error = assertThrows(DataFaultsException.class, () -> InstructionFile.read(file));
        assertTrue(error.getMessage().startsWith(file + ": "), error.getMessage());
        assertTrue(error.faults().get(0).startsWith(fault), error.faults().toString());
        if (name.equals("empty_answer")) {
            assertEquals(3, error.faults().size());
        }
    }

    @Test
    void allBadLinesAreNamedAtOnceUpToALimit() throws IOException {
        var faults = faults(FIRST + "\n" + "{\"prompt\": \"secret\"}\n".repeat(50) + FIRST);
        assertEquals(50, faults.size());
        assertTrue(faults.get(0).startsWith("line 3: "));
        var file = folder.resolve("t.jsonl");
        var error = assertThrows(IOException.class, () -> InstructionFile.read(file));
        assertTrue(error.getMessage().contains("50 faults, 2 good records"), error.getMessage());
        assertTrue(error.getMessage().contains("and 30 more"), error.getMessage());
        assertTrue(!error.getMessage().contains("secret"), error.getMessage());
    }

    @Test
    void otherEncodingsAndOtherKindsOfFileAreNamed() throws IOException {
        var latin = folder.resolve("latin.jsonl");
        Files.write(
                latin,
                (FIRST + FIRST.replace("4", "größer")).getBytes(StandardCharsets.ISO_8859_1));
        var error = assertThrows(DataFaultsException.class, () -> InstructionFile.read(latin));
        assertEquals(List.of("line 2: not UTF-8 text; save the file as UTF-8"), error.faults());
        assertEquals(List.of("holds no record"), faults("\n \n"));
        assertTrue(faults("version https://git-lfs.github.com/spec/v1\n").get(0).contains("LFS"));
        assertTrue(faults("<!DOCTYPE html><html></html>").get(0).contains("HTML"));
        error = assertThrows(DataFaultsException.class, () -> InstructionFile.read(folder));
        assertEquals(List.of("is a folder"), error.faults());
    }

    @Test
    void aListIsReadUnderAnyNameWithItsLines() throws IOException {
        var text =
                "[\n" + FIRST.strip() + ",\n{\"prompt\": \"x\",\n \"completion\": \"\"},\n7\n]\n";
        assertEquals(
                List.of(
                        "line 3: no answer: completion is empty",
                        "line 5: is a number, an object is expected"),
                faults(text));
        var good = file("t.json", "[" + FIRST + "," + FIRST + "]");
        assertEquals(2, InstructionFile.read(good).size());
        assertTrue(faults("[" + FIRST + "] 1").get(0).contains("after the end of the list"));
        assertTrue(faults("[" + FIRST).get(0).contains("ends inside"));
    }

    @Test
    void talksEndWithTheAssistant() throws IOException {
        var talk =
                "{\"messages\": [{\"role\": \"user\", \"content\": \"hi\"}, {\"role\":"
                        + " \"assistant\", \"content\": \"ho\"}], \"source\": null}\n"
                        + "{\"messages\": [{\"role\": \"system\", \"content\": \"s\"}, {\"role\":"
                        + " \"user\", \"content\": \"a\", \"name\": \"x\"}, {\"role\": \"assistant\","
                        + " \"content\": \"b\", \"tool_calls\": null}]}\n";
        var read = InstructionFile.read(file("t.jsonl", talk));
        assertEquals(List.of("ho", "b"), read.stream().map(Instruction::answer).toList());
        assertEquals("a", read.get(1).instruction());
        assertEquals(3, read.get(1).messages().size());
        var faults =
                faults(
                        talk
                                + "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}]}\n"
                                + "{\"messages\": [{\"role\": \"bot\", \"content\": \"a\"}]}\n"
                                + "{\"messages\": []}\n"
                                + "{\"messages\": null}\n"
                                + "{\"messages\": [{\"role\": \"assistant\", \"content\":"
                                + " null}]}\n");
        assertEquals(5, faults.size());
        assertTrue(faults.get(0).contains("the last message is the user's"), faults.get(0));
        assertTrue(faults.get(1).contains("message 1 has the role \"bot\""), faults.get(1));
        assertTrue(faults.get(4).contains("content is null"), faults.get(4));
    }

    @Test
    void shareGptsTalksAreTalks() throws IOException {
        var read =
                InstructionFile.read(
                        file(
                                "t.jsonl",
                                "{\"conversations\": [{\"from\": \"human\", \"value\": \"hi\"},"
                                        + " {\"from\": \"gpt\", \"value\": \"ho\"}]}"));
        assertEquals("ho", read.get(0).answer());
        assertEquals("assistant", read.get(0).messages().get(1).get("role"));
    }

    @Test
    void alpacasKeysAndOnesOwnAreKnown() throws IOException {
        var alpaca =
                file("a.json", "[{\"instruction\": \"Add.\", \"input\": \"\", \"output\": \"5\"}]");
        assertEquals("", InstructionFile.read(alpaca).get(0).input());
        var own = file("o.jsonl", "{\"frage\": \"a\", \"antwort\": 7}");
        var read = InstructionFile.read(own, new Columns("frage", "", "antwort"));
        assertEquals("7", read.get(0).answer());
    }

    @Test
    void aLineOfManyMegabytesIsNamedAndTheOthersAreRead() throws IOException {
        var file = folder.resolve("huge.jsonl");
        try (var out = Files.newBufferedWriter(file)) {
            out.write("{\"prompt\": \"");
            for (int i = 0; i < 3_000_000; i++) {
                out.write("0123456789");
            }
            out.write("\", \"completion\": \"y\"}\n" + FIRST);
        }
        var error = assertThrows(DataFaultsException.class, () -> InstructionFile.read(file));
        assertEquals(1, error.faults().size());
        assertTrue(
                error.faults().get(0).startsWith("line 1: has 30000033 bytes"), error.getMessage());
        assertTrue(error.getMessage().contains("1 good records"), error.getMessage());
    }

    @Test
    void equalRecordsAreFoundWhateverTheirBlanksAndMarks() throws IOException {
        var train =
                InstructionFile.read(
                        file("a.jsonl", FIRST + FIRST.replace("2+2", "How many?") + FIRST));
        var test =
                InstructionFile.read(file("b.jsonl", FIRST.replace("2+2", "How  MANY ? ") + FIRST));
        var shared = InstructionFile.shared(train, test);
        assertEquals(2, shared.size());
        assertArrayEquals(new int[] {2, 1}, shared.get(0));
        assertArrayEquals(new int[] {1, 2}, shared.get(1));
        assertArrayEquals(new int[] {1, 3}, InstructionFile.repeated(train).get(0));
    }

    @Test
    void whereBrokenRecordsAreLeftOutEachIsNamedByItsLine() throws IOException {
        var file =
                file(
                        "t.jsonl",
                        FIRST
                                + "{\"prompt\": \"a\"}\r\n\r\n{oops\r\n"
                                + FIRST.replace("2+2", "3+1")
                                + "{\"prompt\": \"cut");
        var usable = InstructionFile.usable(file);
        assertEquals(List.of(1, 5), usable.records().stream().map(Instruction::line).toList());
        var places = usable.faults().stream().map(f -> f.substring(0, f.indexOf(':'))).toList();
        assertEquals(List.of("line 2", "line 4", "line 6"), places);
        assertEquals(
                List.of(), InstructionFile.usable(file("whole.jsonl", FIRST.strip())).faults());
        for (var text :
                List.of("[" + FIRST + ", {", "version https://git-lfs.github.com/x\n", "{")) {
            var whole = file("t.json", text);
            assertThrows(DataFaultsException.class, () -> InstructionFile.usable(whole), text);
        }
    }

    @Test
    void rowsOfParquetThatCannotBeUsedAreNamedByTheirNumbers() throws IOException {
        var usable =
                InstructionFile.usable(GoldenFiles.path("cases/35-parquet/messages_none.parquet"));
        var places = usable.faults().stream().map(f -> f.substring(0, f.indexOf(':'))).toList();
        assertEquals(List.of("row 2", "row 3", "row 4"), places);
        assertEquals(List.of(1), usable.records().stream().map(Instruction::line).toList());
    }
}
