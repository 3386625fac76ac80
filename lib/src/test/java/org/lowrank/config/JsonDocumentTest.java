package org.lowrank.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One reader for every document that people edit, one refusal with its place. */
class JsonDocumentTest {

    record Pair(Integer first, String second) {}

    @Test
    void aByteOrderMarkIsSkipped() throws IOException {
        var bytes = "\uFEFF{\"first\": 1, \"second\": \"é\"}".getBytes(StandardCharsets.UTF_8);
        assertEquals(new Pair(1, "é"), JsonDocument.of("t.json", bytes).as(Pair.class));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``                        | t.json: the file is empty",
                "`  \n `                   | t.json: the file is empty",
                "null                      | t.json: the whole is null, an object is expected",
                "[]                        | t.json: the whole must be an object, but it is a list",
                "\"x\"                     | t.json: the whole must be an object, but it is a text",
                "{\"a\": 1, \"a\": 2}      | Duplicate field 'a'",
                "{\"a\": NaN}              | NaN is no JSON value",
                "{\"a\": 1,}               | line 1, column 9: a comma before }",
                "{\"a\": [1,]}             | a comma before ]",
                "{\"a\":                   | the text ends inside a value",
                "{\"a\": 1} {\"a\": 2}     | text after the end of the value",
                "/* a */ {}                | line 1, column 1: a comment, which JSON has not",
                "<!DOCTYPE html>           | an HTML page",
                "version https://git-lfs.x | run git lfs pull",
            })
    void aFaultIsNamedWithItsPlace(String text, String expected) {
        var error =
                assertThrows(
                        JsonFormatException.class,
                        () ->
                                JsonDocument.of("t.json", text.getBytes(StandardCharsets.UTF_8))
                                        .object());
        assertTrue(error.getMessage().startsWith("t.json: "), error.getMessage());
        assertTrue(error.getMessage().contains(expected), error.getMessage());
    }

    @Test
    void anotherEncodingIsNamedWithItsLine() {
        var latin = "{\"a\": 1,\n\"b\": \"Größe\"}";
        for (var charset : new Charset[] {StandardCharsets.ISO_8859_1, StandardCharsets.UTF_16}) {
            var bytes = latin.getBytes(charset);
            var error =
                    assertThrows(IOException.class, () -> JsonDocument.of("t.json", bytes).tree());
            assertTrue(error.getMessage().contains("save it as UTF-8"), error.getMessage());
            assertTrue(
                    charset == StandardCharsets.UTF_16 || error.getMessage().contains("line 2"),
                    error.getMessage());
        }
    }

    @Test
    void aWrongFieldIsNamedByItsKey() {
        var number = JsonDocument.of("t.json", "{\"first\": \"x\"}");
        var error = assertThrows(IOException.class, () -> number.as(Pair.class));
        assertEquals("t.json: first must be a whole number, not \"x\"", error.getMessage());
        var large = JsonDocument.of("t.json", "{\"first\": 99999999999}");
        error = assertThrows(IOException.class, () -> large.as(Pair.class));
        assertTrue(error.getMessage().contains("99999999999 is too large"), error.getMessage());
        var deep = JsonDocument.of("t.json", "[".repeat(2000));
        error = assertThrows(IOException.class, deep::tree);
        assertTrue(error.getMessage().contains("more than 1000 deep"), error.getMessage());
        var unknown = JsonDocument.of("t.json", "{\"third\": 1}");
        error = assertThrows(IOException.class, () -> unknown.as(Pair.class));
        assertTrue(error.getMessage().contains("third is not a known field"), error.getMessage());
    }

    @Test
    void aFolderAndNoFileAreNamed(@TempDir Path folder) throws IOException {
        var error = assertThrows(IOException.class, () -> JsonDocument.read(folder));
        assertTrue(error.getMessage().contains("this is a folder"), error.getMessage());
        error = assertThrows(IOException.class, () -> JsonDocument.read(folder.resolve("x")));
        assertTrue(error.getMessage().contains("there is no such file"), error.getMessage());
        var file = Files.writeString(folder.resolve("a.json"), "{\"first\": 1}");
        assertEquals(new Pair(1, null), JsonDocument.read(file).as(Pair.class));
    }
}
