package org.lowrank.data.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalRepositoryTest {

    private static final MavenArtifact ARTIFACT = MavenArtifact.of("org.example.a:some-model:1.2");

    @TempDir Path root;

    @Test
    void aJarLiesBelowItsGroupAsInEveryMavenRepository() {
        assertEquals(
                Path.of("org", "example", "a", "some-model", "1.2", "some-model-1.2.jar"),
                ARTIFACT.pathInRepository());
    }

    @Test
    void anEntryOfAJarThatIsThereIsReadWithoutMaven() throws IOException {
        var jar = root.resolve(ARTIFACT.pathInRepository());
        Files.createDirectories(jar.getParent());
        try (var zip = new ZipOutputStream(Files.newOutputStream(jar))) {
            zip.putNextEntry(new ZipEntry("a/text.txt"));
            zip.write("words".getBytes(StandardCharsets.UTF_8));
        }
        var repository = new LocalRepository(root, List.of("no-such-command"));
        assertTrue(repository.contains(ARTIFACT));
        try (var in = new JarResource(ARTIFACT, "a/text.txt").open(repository)) {
            assertArrayEquals("words".getBytes(StandardCharsets.UTF_8), in.readAllBytes());
        }
        var missing = new JarResource(ARTIFACT, "a/other.txt");
        var error = assertThrows(IOException.class, () -> missing.open(repository));
        assertTrue(error.getMessage().contains("has no entry a/other.txt"), error.getMessage());
    }

    private void jar(byte[] content) throws IOException {
        var jar = root.resolve(ARTIFACT.pathInRepository());
        Files.createDirectories(jar.getParent());
        try (var zip = new ZipOutputStream(Files.newOutputStream(jar))) {
            zip.putNextEntry(new ZipEntry("a/some.onnx"));
            zip.write(content);
        }
    }

    @Test
    void anEntryIsUnpackedOnceAndAgainIfTheCacheWasAltered() throws IOException {
        var words = "words".getBytes(StandardCharsets.UTF_8);
        jar(words);
        var repository = new LocalRepository(root, List.of("no-such-command"));
        var cache = root.resolve("cache");
        var entry = new JarResource(ARTIFACT, "a/some.onnx");
        var file = entry.unpacked(repository, cache, null);
        assertTrue(file.startsWith(cache), file.toString());
        assertArrayEquals(words, Files.readAllBytes(file));
        var time = Files.getLastModifiedTime(file);
        assertEquals(file, entry.unpacked(repository, cache, null));
        assertEquals(time, Files.getLastModifiedTime(file));
        Files.writeString(file, "wards");
        assertArrayEquals(words, Files.readAllBytes(entry.unpacked(repository, cache, null)));
        jar("other words".getBytes(StandardCharsets.UTF_8));
        var other = entry.unpacked(repository, cache, null);
        assertEquals("other words", Files.readString(other));
        assertArrayEquals(words, Files.readAllBytes(file));
    }

    @Test
    void anAlteredEntryIsToldByItsChecksum() throws IOException {
        jar("words".getBytes(StandardCharsets.UTF_8));
        var repository = new LocalRepository(root, List.of("no-such-command"));
        var entry = new JarResource(ARTIFACT, "a/some.onnx");
        var wrong = "0".repeat(64);
        var error =
                assertThrows(
                        IOException.class,
                        () -> entry.unpacked(repository, root.resolve("cache"), wrong));
        for (var part : List.of("some.onnx", "sha256 should be " + wrong, "altered", "Delete")) {
            assertTrue(error.getMessage().contains(part), error.getMessage());
        }
    }

    @Test
    void aZipInAJarIsUnpackedWhole() throws IOException {
        var inner = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(inner)) {
            zip.putNextEntry(new ZipEntry("variables/variables.index"));
            zip.write(7);
            zip.putNextEntry(new ZipEntry("../outside"));
            zip.write(8);
        }
        jar(inner.toByteArray());
        var repository = new LocalRepository(root, List.of("no-such-command"));
        var entry = new JarResource(ARTIFACT, "a/some.onnx");
        for (int i = 0; i < 2; i++) {
            var folder = entry.unpackedZip(repository, root.resolve("cache"));
            assertArrayEquals(
                    new byte[] {7},
                    Files.readAllBytes(folder.resolve("variables/variables.index")));
            try (var beside = Files.list(folder.getParent())) {
                assertEquals(List.of(folder), beside.toList());
            }
        }
        jar("no zip".getBytes(StandardCharsets.UTF_8));
        var error =
                assertThrows(
                        IOException.class,
                        () -> entry.unpackedZip(repository, root.resolve("cache")));
        assertTrue(error.getMessage().contains("is no zip of files"), error.getMessage());
    }

    @Test
    void aDamagedJarIsNamedWithTheRemedy() throws IOException {
        var jar = root.resolve(ARTIFACT.pathInRepository());
        Files.createDirectories(jar.getParent());
        Files.writeString(jar, "this is no zip");
        var repository = new LocalRepository(root, List.of("no-such-command"));
        var entry = new JarResource(ARTIFACT, "a.txt");
        var error = assertThrows(IOException.class, () -> entry.open(repository));
        assertTrue(error.getMessage().contains(jar.toString()), error.getMessage());
        assertTrue(error.getMessage().contains("delete it"), error.getMessage());
    }

    @Test
    void withoutNetworkAndCacheTheErrorSaysWhichArtifactAndHowToGetIt() {
        var offline = new LocalRepository(root, List.of("mvn", "--offline"));
        assertFalse(offline.contains(ARTIFACT));
        var error = assertThrows(ArtifactNotFoundException.class, () -> offline.resolve(ARTIFACT));
        var message = error.getMessage();
        assertTrue(message.contains("org.example.a:some-model:1.2"), message);
        assertTrue(message.contains(root.resolve(ARTIFACT.pathInRepository()).toString()), message);
        assertTrue(message.contains("Ran: mvn --offline"), message);
        assertTrue(message.contains("It said: [ERROR]"), message);
        assertTrue(message.contains("To get it by hand"), message);
    }

    @Test
    void withoutMavenTheErrorSaysSo() {
        var repository = new LocalRepository(root, List.of("no-such-command-as-mvn"));
        var error =
                assertThrows(ArtifactNotFoundException.class, () -> repository.resolve(ARTIFACT));
        assertTrue(error.getMessage().contains("no-such-command-as-mvn"), error.getMessage());
        assertTrue(error.getMessage().contains("To get it by hand"), error.getMessage());
    }

    @Test
    void coordinatesThatWouldLeaveTheRepositoryAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> MavenArtifact.of("a:../../b:1"));
        assertThrows(IllegalArgumentException.class, () -> MavenArtifact.of("a:b"));
    }
}
