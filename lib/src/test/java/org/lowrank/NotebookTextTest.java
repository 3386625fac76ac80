package org.lowrank;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every sentence of the notebooks that has a number is carried by a claim, which fails where it
 * does not hold, or the number is a definition or a paper's and stands in {@code
 * notebook_facts.txt}.
 */
class NotebookTextTest {

    private static final Path NOTEBOOKS = Path.of("../notebooks");

    /** In what is no prose: formulas, code, addresses, table rows, headings, numbers of parts. */
    private static final Pattern NO_PROSE =
            Pattern.compile(
                    "(?s)\\$\\$.*?\\$\\$|\\$[^$]*\\$|`[^`]*`|\\]\\([^)]*\\)|(?m)^[>#|].*$|arXiv \\d+\\.\\d+|(?i)\\b(theorems?"
                            + "|tables?|figures?|algorithms?|notebooks?|parts?|sections?|definition|version|columns?)"
                            + "( \\d+(\\.\\d+)?((,| and| to|, and)(?= \\d))?)+");

    /**
     * A number of at least two digits; a single digit is a count that the sentence itself makes.
     */
    private static final Pattern IN_PROSE =
            Pattern.compile(
                    "(?<![\\w.,·^_-])((?:\\d{1,3}(?:,\\d{3})+|\\d\\d+)(?:\\.\\d+)?|\\d\\.\\d+)(?![\\w^²³⁻]|\\.\\d)");

    private static final Pattern ANYWHERE =
            Pattern.compile("\\d[\\d,_]*(?:\\.\\d+)?(?:[eE][-+]?\\d+)?");

    private static final List<String> FOLDERS = List.of("", "course/exercises", "course/slides");

    /** What may be printed: tables laid out by blanks, tokens, and what a model writes. */
    private static final List<String> PRINTED =
            List.of(
                    "countTable()",
                    "System.out::print",
                    "System.out.println();",
                    "words.word(id)",
                    "Arrays.toString(ids(",
                    "\"\\n",
                    "question",
                    "temperature",
                    "shown(lesson",
                    "SmolLM2",
                    "look.text(",
                    "TunedTable.of",
                    "open.example()",
                    "open.split(");

    static Stream<Path> series() throws IOException {
        return notebooks("", "(0[0-5]|1[0-2])_.*ipynb");
    }

    static Stream<Path> all() throws IOException {
        return notebooks("", "\\d\\d_.*ipynb");
    }

    static Stream<Path> allWithExercisesAndSlides() throws IOException {
        var found = new ArrayList<Path>();
        for (var folder : FOLDERS) {
            notebooks(folder, ".*\\.ipynb").forEach(found::add);
        }
        return found.stream();
    }

    private static Stream<Path> notebooks(String folder, String names) throws IOException {
        try (var files = Files.list(NOTEBOOKS.resolve(folder))) {
            return files
                    .filter(f -> f.getFileName().toString().matches(names))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void everySentenceWithANumberIsCarriedByAClaim(Path file) throws IOException {
        var notebook = new ObjectMapper().readTree(file.toFile());
        assertEquals(
                List.of(),
                outside(notebook, facts(number(file))),
                "claim it, or, if it is a definition or a paper's number, add it with where it is"
                        + " from to notebook_facts.txt");
    }

    @Test
    void aSentenceWithANumberThatNoClaimCarriesIsFound() throws IOException {
        var notebook =
                new ObjectMapper()
                        .readTree(
                                """
                                {"cells": [
                                 {"cell_type": "markdown", "source": ["Of 12 runs 7.5 % fail. ",
                                  "At `r = 64` and in part 10 it takes 93 steps, 1,024 numbers."]},
                                 {"cell_type": "code", "source": ["var x = 93;"]},
                                 {"cell_type": "code", "source": [
                                  "Claims.check(Claims.that('of 12 runs', runs == 12));"]}]}
                                """);
        assertEquals(
                List.of(
                        "7.5 in: Of 12 runs 7.5 % fail.",
                        "93 in: At   and in   it takes 93 steps, 1,024 numbers."),
                outside(notebook, Set.of(1024.0)));
    }

    @ParameterizedTest
    @MethodSource("all")
    void everyFactIsInTheProseAndNoClaimSaysIt(Path file) throws IOException {
        var notebook = new ObjectMapper().readTree(file.toFile());
        var without = String.join("\n", outside(notebook, Set.of()));
        for (var line : factLines(number(file))) {
            for (var written : line.split("\\|")[1].strip().split(" ")) {
                var fact = Set.of(Double.valueOf(written));
                assertTrue(
                        IN_PROSE.matcher(without)
                                .results()
                                .anyMatch(said -> isIn(fact, said.group())),
                        "not needed: " + written + " of " + line);
            }
        }
    }

    /** The sentences with numbers that neither a claim nor a parameter nor a fact carries. */
    private static List<String> outside(JsonNode notebook, Set<Double> facts) {
        var carried = new HashSet<>(facts);
        for (var cell : notebook.get("cells")) {
            var source = text(cell.get("source"));
            if (cell.get("cell_type").asText().equals("code")
                    && (source.contains("Claims.") || source.contains("record Params"))) {
                for (var number = ANYWHERE.matcher(source); number.find(); ) {
                    carried.add(Double.valueOf(number.group().replaceAll("[,_]", "")));
                }
            }
        }
        var outside = new ArrayList<String>();
        for (var cell : notebook.get("cells")) {
            if (cell.get("cell_type").asText().equals("markdown")) {
                var prose = NO_PROSE.matcher(text(cell.get("source"))).replaceAll(" ");
                for (var sentence : prose.split("(?<=[.:;!?])\\s+")) {
                    for (var number = IN_PROSE.matcher(sentence); number.find(); ) {
                        if (!isIn(carried, number.group())) {
                            outside.add(number.group() + " in: " + sentence.strip());
                            break;
                        }
                    }
                }
            }
        }
        return outside;
    }

    @ParameterizedTest
    @MethodSource("series")
    void aNotebookLinksToItsExercises(Path file) throws IOException {
        var name = file.getFileName().toString();
        assertTrue(Files.readString(file).contains("(course/exercises/" + name + ")"), name);
        assertTrue(Files.exists(NOTEBOOKS.resolve("course/exercises").resolve(name)), name);
    }

    @ParameterizedTest
    @MethodSource("series")
    void aNotebookEndsWithAConclusionOfThreeSentences(Path file) throws IOException {
        var conclusions = new ArrayList<String>();
        for (var cell : new ObjectMapper().readTree(file.toFile()).get("cells")) {
            var source = text(cell.get("source"));
            if (source.startsWith("## Conclusion")) {
                conclusions.add(source);
            }
        }
        assertEquals(1, conclusions.size());
        var paragraphs = conclusions.get(0).split("\n\n");
        assertEquals(3, paragraphs[1].split("\\. (?=[A-Z])").length, paragraphs[1]);
        assertTrue(
                paragraphs[2].contains("*Next:* [") && paragraphs[2].contains("*Classes used:* ["));
    }

    @ParameterizedTest
    @MethodSource("all")
    void aCellHasAtMostTwentyLines(Path file) throws IOException {
        for (var source : code(file)) {
            assertTrue(source.lines().count() <= 20, source);
        }
    }

    /** Longer ones are cut off where the page is narrow. */
    @ParameterizedTest
    @MethodSource("allWithExercisesAndSlides")
    void aLineOfCodeHasAtMost95Characters(Path file) throws IOException {
        for (var source : code(file)) {
            source.lines()
                    .filter(line -> !line.startsWith("%"))
                    .forEach(line -> assertTrue(line.length() <= 95, line));
        }
    }

    /**
     * Printed text is broken inside of words. What a model writes and what is laid out by blanks
     * may be printed.
     */
    @ParameterizedTest
    @MethodSource("all")
    void proseIsShownAsMarkdownAndNotPrinted(Path file) throws IOException {
        for (var source : code(file)) {
            for (var line : source.lines().toList()) {
                assertTrue(
                        !line.contains("System.out") || PRINTED.stream().anyMatch(line::contains),
                        line);
            }
        }
    }

    private static List<String> code(Path file) throws IOException {
        var sources = new ArrayList<String>();
        for (var cell : new ObjectMapper().readTree(file.toFile()).get("cells")) {
            if (cell.get("cell_type").asText().equals("code")) {
                sources.add(text(cell.get("source")));
            }
        }
        return sources;
    }

    @Test
    void aNumberIsCarriedByOneThatRoundsToIt() {
        assertTrue(isIn(Set.of(0.8374), "0.84"));
        assertTrue(isIn(Set.of(0.0145), "1.4") || isIn(Set.of(0.0145), "1.5"));
        assertTrue(!isIn(Set.of(0.8374), "0.83"));
    }

    /** True if one of the numbers, or a hundred times it, rounds to what is written. */
    private static boolean isIn(Set<Double> numbers, String written) {
        var digits = written.replace(",", "");
        int point = digits.indexOf('.');
        double unit = Math.pow(10, point < 0 ? 0 : point + 1 - digits.length());
        double value = Double.parseDouble(digits);
        return numbers.stream()
                .flatMap(x -> Stream.of(x, 100 * x))
                .anyMatch(x -> Math.abs(x - value) <= 0.5000001 * unit);
    }

    /** Numbers of a notebook's prose that are no result of its own, each with where it is from. */
    private static Set<Double> facts(String notebook) throws IOException {
        var numbers = new HashSet<Double>();
        for (var line : factLines(notebook)) {
            for (var number : line.split("\\|")[1].strip().split(" ")) {
                numbers.add(Double.valueOf(number));
            }
        }
        for (var line : factLines("*")) {
            numbers.add(Double.valueOf(line.split("\\|")[1].strip()));
        }
        return numbers;
    }

    private static List<String> factLines(String notebook) throws IOException {
        try (var lines = NotebookTextTest.class.getResourceAsStream("/notebook_facts.txt")) {
            return new String(lines.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.split("\\|")[0].strip().equals(notebook))
                    .toList();
        }
    }

    private static String number(Path file) {
        return file.getFileName().toString().substring(0, 2);
    }

    private static String text(JsonNode source) {
        var joined = new StringBuilder(source.isTextual() ? source.asText() : "");
        source.forEach(line -> joined.append(line.asText()));
        return joined.toString();
    }
}
