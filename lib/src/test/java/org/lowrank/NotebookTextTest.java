package org.lowrank;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
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

/** What the text of the notebooks says, their stored outputs, their code or their tables carry. */
class NotebookTextTest {

    private static final Path NOTEBOOKS = Path.of("../notebooks");

    /** In what is no prose: formulas, code, addresses, table rows, headings, numbers of parts. */
    private static final Pattern NO_PROSE =
            Pattern.compile(
                    "(?s)\\$\\$.*?\\$\\$|\\$[^$]*\\$|`[^`]*`|\\]\\([^)]*\\)|(?m)^[>#|].*$|arXiv \\d+\\.\\d+|(?i)\\b(theorems?"
                            + "|tables?|figures?|algorithms?|notebooks?|parts?|sections?|definition|version|columns?)"
                            + "( \\d+(\\.\\d+)?(, | and | to |, and )?)+");

    /**
     * A number of at least two digits; a single digit is a count that the sentence itself makes.
     */
    private static final Pattern IN_PROSE =
            Pattern.compile(
                    "(?<![\\w.,·^_-])((?:\\d{1,3}(?:,\\d{3})+|\\d\\d+)(?:\\.\\d+)?|\\d\\.\\d+)(?![\\w^²³]|\\.\\d)");

    private static final Pattern ANYWHERE =
            Pattern.compile("\\d[\\d,_]*(?:\\.\\d+)?(?:[eE][-+]?\\d+)?");

    private static final Pattern TABLE = Pattern.compile("\\]\\((\\.\\./figures/[^)]*\\.md)\\)");

    static Stream<Path> series() throws IOException {
        try (var files = Files.list(NOTEBOOKS)) {
            return files
                    .filter(f -> f.getFileName().toString().matches("(0[0-5]|1[0-2])_.*ipynb"))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("series")
    void everyNumberOfTheProseIsInAnOutputTheCodeOrATable(Path file) throws IOException {
        var notebook = new ObjectMapper().readTree(file.toFile());
        var carried = carried(notebook);
        carried.addAll(facts(file.getFileName().toString().substring(0, 2)));
        var outside = new ArrayList<String>();
        for (var cell : notebook.get("cells")) {
            if (!cell.get("cell_type").asText().equals("markdown")) {
                continue;
            }
            var prose = NO_PROSE.matcher(text(cell.get("source"))).replaceAll(" ");
            for (var sentence : prose.split("(?<=[.:;!?])\\s+")) {
                for (var number = IN_PROSE.matcher(sentence); number.find(); ) {
                    if (!isIn(carried, number.group())) {
                        outside.add(number.group() + " in: " + sentence.strip());
                    }
                }
            }
        }
        assertEquals(
                List.of(),
                outside,
                "claim it, link its table, or, if it is no result, add it to notebook_facts.txt");
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
    @MethodSource("series")
    void aCellHasAtMostTwentyLines(Path file) throws IOException {
        for (var cell : new ObjectMapper().readTree(file.toFile()).get("cells")) {
            if (cell.get("cell_type").asText().equals("code")) {
                var source = text(cell.get("source"));
                assertTrue(source.lines().count() <= 20, source);
            }
        }
    }

    @Test
    void aNumberIsCarriedByOneThatRoundsToIt() {
        assertTrue(isIn(Set.of(0.8374), "0.84"));
        assertTrue(isIn(Set.of(0.0145), "1.4") || isIn(Set.of(0.0145), "1.5"));
        assertTrue(!isIn(Set.of(0.8374), "0.83"));
    }

    private static Set<Double> carried(JsonNode notebook) throws IOException {
        var words = new StringBuilder();
        for (var cell : notebook.get("cells")) {
            var source = text(cell.get("source"));
            if (cell.get("cell_type").asText().equals("code")) {
                words.append(source).append('\n');
                for (var output : cell.get("outputs")) {
                    words.append(text(output.path("text"))).append('\n');
                    for (var kind : List.of("text/plain", "text/html", "text/markdown")) {
                        var shown = text(output.path("data").path(kind));
                        words.append(shown.replaceAll("<[^>]*>", " ")).append('\n');
                    }
                }
            }
            for (var table = TABLE.matcher(source); table.find(); ) {
                words.append(Files.readString(NOTEBOOKS.resolve(table.group(1))));
            }
        }
        var numbers = new HashSet<Double>();
        for (var number = ANYWHERE.matcher(words); number.find(); ) {
            numbers.add(Double.valueOf(number.group().replaceAll("[,_]", "")));
        }
        return numbers;
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
        try (var lines = NotebookTextTest.class.getResourceAsStream("/notebook_facts.txt")) {
            for (var line : new String(lines.readAllBytes(), "UTF-8").split("\n")) {
                var parts = line.split("\\|");
                if (parts[0].strip().equals(notebook)) {
                    for (var number : parts[1].strip().split(" ")) {
                        numbers.add(Double.valueOf(number));
                    }
                }
            }
        }
        return numbers;
    }

    private static String text(JsonNode source) {
        var joined = new StringBuilder(source.isTextual() ? source.asText() : "");
        source.forEach(line -> joined.append(line.asText()));
        return joined.toString();
    }
}
