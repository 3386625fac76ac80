package org.lowrank;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the course's pages say of the code and of the figures is there. */
class CourseTest {

    private static final Path COURSE = Path.of("../notebooks/course");

    private static final Pattern NAME = Pattern.compile("`([a-z.]+\\.[A-Z]\\w*)(?:#(\\w+))?`");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#]+)\\)");
    private static final Pattern NUMBER = Pattern.compile("[-+]?\\d+\\.\\d+(?:e[-+]?\\d+)?");

    @Test
    void theGlossarysNamesExist() throws IOException {
        var missing = new ArrayList<String>();
        int seen = 0;
        for (var line : lines("glossary.md")) {
            for (var name = NAME.matcher(line); name.find(); seen++) {
                if (!exists("org.lowrank." + name.group(1), name.group(2))) {
                    missing.add(name.group());
                }
            }
        }
        assertEquals(List.of(), missing);
        assertTrue(seen > 30, "names found: " + seen);
    }

    @Test
    void eachLineOfTheGlossaryNamesCode() throws IOException {
        for (var line : lines("glossary.md")) {
            if (line.startsWith("| ")
                    && !line.startsWith("| symbol")
                    && !line.startsWith("| :--")) {
                assertTrue(NAME.matcher(line).find(), line);
            }
        }
    }

    @Test
    void everyNumberOfTheDisputesStandsInAFileThatItsLineNames() throws IOException {
        int seen = 0;
        for (var line : lines("disputes.md")) {
            var cells = line.split("(?<!\\\\)\\|");
            if (cells.length < 4 || !cells[3].contains("](")) {
                continue;
            }
            var files = new StringBuilder();
            for (var link = LINK.matcher(cells[3]); link.find(); ) {
                files.append(Files.readString(COURSE.resolve(link.group(1))));
            }
            for (var number = NUMBER.matcher(cells[2]); number.find(); seen++) {
                assertTrue(
                        files.indexOf(number.group()) >= 0,
                        number.group() + " is in none of the files of the line: " + line);
            }
        }
        assertTrue(seen > 40, "numbers found: " + seen);
    }

    @Test
    void whatThePagesLinkToIsThere() throws IOException {
        var broken = new ArrayList<String>();
        try (var pages = Files.list(COURSE)) {
            for (var page : pages.filter(p -> p.toString().endsWith(".md")).toList()) {
                for (var link = LINK.matcher(Files.readString(page)); link.find(); ) {
                    if (!link.group(1).contains("://")
                            && !Files.exists(COURSE.resolve(link.group(1)))) {
                        broken.add(page.getFileName() + ": " + link.group(1));
                    }
                }
            }
        }
        assertEquals(List.of(), broken);
    }

    static Stream<Path> exercises() throws IOException {
        try (var files = Files.list(COURSE.resolve("exercises"))) {
            return files.filter(f -> f.toString().endsWith(".ipynb")).sorted().toList().stream();
        }
    }

    /** What nbgrader goes by: the real one grades them in {@code environment/course check}. */
    @ParameterizedTest
    @MethodSource("exercises")
    void exercisesKeepToNbgradersConvention(Path file) throws IOException {
        var names = new HashSet<String>();
        int answers = 0;
        boolean coding = false;
        for (var cell : new ObjectMapper().readTree(file.toFile()).get("cells")) {
            var source = new StringBuilder();
            cell.get("source").forEach(line -> source.append(line.asText()));
            coding |= source.indexOf("(coding)") >= 0;
            var grading = cell.path("metadata").path("nbgrader");
            boolean answer = grading.path("solution").asBoolean();
            boolean graded = grading.path("grade").asBoolean();
            assertEquals(answer, source.indexOf("### BEGIN SOLUTION") >= 0, source.toString());
            assertEquals(answer, source.indexOf("### END SOLUTION") >= 0, source.toString());
            assertTrue(graded || source.indexOf("HIDDEN TESTS") < 0, source.toString());
            assertEquals(graded, grading.path("points").asInt() > 0, source.toString());
            if (answer || graded) {
                assertTrue(names.add(grading.path("grade_id").asText()), grading.toString());
            }
            answers += answer ? 1 : 0;
        }
        assertTrue(answers >= 3, "exercises: " + answers);
        assertTrue(coding, "none of them is a coding one");
    }

    /** What the check of the course puts in place of a right line must find that line. */
    @Test
    void everyKnownMistakeReplacesALineOfItsSolution() throws IOException {
        int seen = 0;
        var exercises = COURSE.resolve("exercises");
        var mistakes = new ObjectMapper().readTree(exercises.resolve("mistakes.json").toFile());
        for (var student : mistakes) {
            for (var notebooks = student.properties().iterator(); notebooks.hasNext(); ) {
                var notebook = notebooks.next();
                var file = exercises.resolve(notebook.getKey() + ".ipynb");
                for (var answers = notebook.getValue().properties().iterator();
                        answers.hasNext();
                        seen++) {
                    var answer = answers.next();
                    var right = answer.getValue().path("instead of").asText();
                    assertTrue(
                            solution(file, answer.getKey()).contains(right),
                            file + ", " + answer.getKey() + ": " + right);
                }
            }
        }
        assertTrue(seen > 10, "mistakes found: " + seen);
    }

    private static String solution(Path notebook, String gradeId) throws IOException {
        var text = new StringBuilder();
        for (var cell : new ObjectMapper().readTree(notebook.toFile()).path("cells")) {
            if (cell.at("/metadata/nbgrader/grade_id").asText().equals(gradeId)) {
                cell.path("source").forEach(line -> text.append(line.asText()));
            }
        }
        return text.toString();
    }

    private static List<String> lines(String page) throws IOException {
        return Files.readAllLines(COURSE.resolve(page));
    }

    private static boolean exists(String type, String member) {
        try {
            var found = Class.forName(type);
            return member == null
                    || Arrays.stream(found.getMethods()).anyMatch(m -> m.getName().equals(member));
        } catch (ClassNotFoundException e) {
            return false;
        }
    }
}
