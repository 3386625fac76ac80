package org.lowrank.soundness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of the kinds of failure names classes and tests that there are. */
class KindsTest {

    private static final Pattern NAMED = Pattern.compile("\\{@code[ *\\n]+([A-Z]\\w+)}");

    @Test
    void everyKindHasItsPlaceAndItsTests() throws IOException {
        var sources = new HashSet<String>();
        for (var root : List.of("src", "../environment/kernel/src")) {
            try (Stream<Path> files = Files.walk(Path.of(root))) {
                files.forEach(file -> sources.add(file.getFileName().toString()));
            }
        }
        var text = Files.readString(Path.of("src/main/java/org/lowrank/package-info.java"));
        var rows = text.split("<tr><td>");
        assertEquals(12, rows.length - 1);
        for (int i = 1; i < rows.length; i++) {
            var named = NAMED.matcher(rows[i]).results().map(m -> m.group(1)).toList();
            assertTrue(named.stream().anyMatch(name -> name.endsWith("Test")), rows[i]);
            assertTrue(named.stream().anyMatch(name -> !name.endsWith("Test")), rows[i]);
            for (var name : named) {
                assertTrue(sources.contains(name + ".java"), name + " is not there");
            }
        }
    }
}
