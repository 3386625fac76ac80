package org.lowrank.data.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.lowrank.data.glue.GlueTask;
import org.lowrank.data.image.ImageSet;
import org.lowrank.data.languagetool.Acceptability;

class ManifestTest {

    @Test
    void everyManifestInTheFolderIsKnownByNameAndEveryNameHasOne() throws IOException {
        try (var folder = Files.list(Path.of("..", "datasets"))) {
            var files =
                    folder.map(file -> file.getFileName().toString())
                            .filter(file -> file.endsWith(".json"))
                            .collect(Collectors.toSet());
            var known = Manifest.NAMES.stream().map(Manifest::fileName).collect(Collectors.toSet());
            assertEquals(known, files);
        }
    }

    @ParameterizedTest
    @FieldSource("org.lowrank.data.source.Manifest#NAMES")
    void aManifestSaysWhereFromUnderWhichTermsAndHowMuch(String name) throws IOException {
        var manifest = Manifest.named(name);
        assertEquals(name, manifest.name());
        assertFalse(manifest.licence().isBlank());
        assertFalse(manifest.citation().isBlank());
        assertTrue(manifest.homepage().isAbsolute());
        for (var archive : manifest.archives()) {
            assertTrue(archive.sha256().matches("[0-9a-f]{64}"));
        }
        if (manifest.wheel() != null) {
            assertTrue(manifest.wheel().sha256().matches("[0-9a-f]{64}"));
            manifest.wheel().members().keySet().forEach(path -> manifest.file(path).orElseThrow());
        }
        for (var file : manifest.files()) {
            assertTrue(file.sha256() == null || file.sha256().matches("[0-9a-f]{64}"));
            var counted = file.classes().values().stream().mapToInt(Integer::intValue).sum();
            assertTrue(counted == 0 || counted == file.rows(), file.path());
            var isInArchive =
                    manifest.archives().stream().anyMatch(a -> a.url().equals(file.url()));
            assertEquals(file.member() != null, isInArchive, file.path());
            assertEquals(manifest.artifact() == null, file.url() != null, file.path());
        }
    }

    @Test
    void everyGlueTaskHasAManifestAndSoHaveTheSentences() throws IOException {
        for (var task : GlueTask.values()) {
            assertFalse(Manifest.named(task.manifestName()).files().isEmpty());
        }
        var sentences = Manifest.named("languagetool-en");
        assertEquals(Acceptability.RULES.artifact().toString(), sentences.artifact());
        assertEquals(Acceptability.RULES.entry(), sentences.files().get(0).path());
    }

    @Test
    void everySetOfPicturesHasOneAndNumbersHaveNames() throws IOException {
        for (var set : ImageSet.values()) {
            var manifest = Manifest.named(set.folderName());
            for (var file : manifest.files()) {
                assertTrue(file.path().startsWith(set.folderName() + "/"), file.path());
                assertTrue(file.sha256() != null, file.path());
            }
        }
        var signs = Manifest.named("gtsrb").classNames();
        assertEquals(43, signs.size());
        assertEquals(43, Set.copyOf(signs.values()).size(), "no two signs have one name");
        for (int i = 0; i < 43; i++) {
            assertFalse(signs.get("%05d".formatted(i)).isBlank(), "sign " + i);
        }
        assertEquals("stop", signs.get("00014"));
        assertEquals(10, Manifest.named("eurosat").classNames().size());
        assertEquals(Map.of(), Manifest.named("trec").classNames());
    }

    @Test
    void anUnknownSetIsRefusedWithTheNamesThereAre() {
        var error = assertThrows(IllegalArgumentException.class, () -> Manifest.named("glue/AX"));
        assertTrue(error.getMessage().contains("glue/CoLA"), error.getMessage());
    }

    @Test
    void noPathLeavesTheDataFolder(@TempDir Path folder) {
        var root = new DataRoot(folder);
        assertThrows(IllegalArgumentException.class, () -> root.contains("../else/where.tsv"));
        assertThrows(IllegalArgumentException.class, () -> root.contains("/etc/hosts"));
    }
}
