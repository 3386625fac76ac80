package org.lowrank;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

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
