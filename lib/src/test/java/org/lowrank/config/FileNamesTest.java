package org.lowrank.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class FileNamesTest {

    private static final List<String> LABELS =
            List.of(
                    "rate=1e-3:seed=2",
                    "rate=1e-3/seed=2",
                    "rate=1e-3 seed=2",
                    "2026-11-28T21:00:00",
                    "_SUCCESS",
                    "seed=2%3A",
                    "glue/cola",
                    "glue-cola",
                    "glue/sst-2",
                    "glue-sst-2",
                    "a/b/c",
                    "a-b/c",
                    "trec",
                    ".hidden",
                    "~7e",
                    "~",
                    "LoRA-Pro\u00e9",
                    "x");

    @Test
    void everyLabelHasAPortableNameOfItsOwnAndComesBackFromIt() {
        var names = new HashSet<String>();
        for (var label : LABELS) {
            var name = FileNames.of(label);
            assertTrue(name.matches("[A-Za-z0-9~-][A-Za-z0-9._~-]*"), name);
            assertEquals(label, FileNames.label(name));
            assertTrue(names.add(name), name);
        }
        assertEquals("glue-sst-2", FileNames.of("glue/sst-2"));
        assertThrows(IllegalArgumentException.class, () -> FileNames.label("~4"));
    }

    @Test
    void partsReadWellAndDifferOnEveryDisk() {
        var labels =
                List.of("AltLoRA+, joint", "AltLoRA, joint", "SST-2", "SST2", "sst 2", "\u00b5");
        var parts = FileNames.parts(labels);
        assertEquals("AltLoRAPlusjoint", parts.get("AltLoRA+, joint"));
        assertEquals("AltLoRAjoint", parts.get("AltLoRA, joint"));
        assertTrue(parts.get("SST-2").startsWith("SST2-"), parts.get("SST-2"));
        assertEquals(
                labels.size(),
                parts.values().stream().map(p -> p.toLowerCase(Locale.ROOT)).distinct().count());
        assertTrue(parts.values().stream().allMatch(p -> p.matches("[A-Za-z0-9-]+")));
        assertEquals("SST2", FileNames.parts(List.of("SST-2", "CoLA")).get("SST-2"));
    }
}
