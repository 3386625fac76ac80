package org.lowrank;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The way that the README shows from an equation to its class is there. */
class ReadmeTest {

    private static final String ROOT = "org.lowrank";

    /** A link or a class name in the README's table "from an equation to its class". */
    private static final Pattern CLASS_IN_TABLE =
            Pattern.compile("`([a-z]+(?:\\.[a-z]+)*)(?:\\.([A-Z]\\w*))?`");

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages(ROOT);

    @Test
    void theReadmesTableOfEquationsNamesClassesThatExist() throws Exception {
        var names = new HashMap<String, JavaClass>();
        CLASSES.forEach(type -> names.put(type.getName(), type));
        var lost = new ArrayList<String>();
        var seen = 0;
        for (var line : tableOfClasses()) {
            var found =
                    CLASS_IN_TABLE.matcher(
                            line.substring(line.lastIndexOf('|', line.length() - 2)));
            while (found.find()) {
                seen++;
                var name = ROOT + "." + found.group(1);
                if (found.group(2) == null
                        ? names.keySet().stream().noneMatch(known -> known.startsWith(name + "."))
                        : !names.containsKey(name + "." + found.group(2))) {
                    lost.add(found.group());
                }
            }
        }
        assertTrue(seen > 8, "no table");
        assertEquals(List.of(), lost);
    }

    private static List<String> tableOfClasses() throws Exception {
        var lines = Files.readAllLines(Path.of("../README.md"));
        var from = lines.indexOf("From an equation to its class:");
        return lines.subList(from + 1, lines.size()).stream()
                .dropWhile(line -> !line.startsWith("|"))
                .takeWhile(line -> line.startsWith("|"))
                .filter(line -> line.contains("`"))
                .toList();
    }
}
