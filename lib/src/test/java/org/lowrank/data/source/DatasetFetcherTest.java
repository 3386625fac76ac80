package org.lowrank.data.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
                List.of(files));
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

    private static int run(StringWriter said, String... arguments) {
        var out = new PrintWriter(said, true);
        return Fetch.run(out, out, arguments);
    }

    @Test
    void theCommandListsTheSetsAndTheirTerms() {
        var said = new StringWriter();
        assertEquals(0, run(said, "--list"));
        assertEquals(Manifest.NAMES.size(), said.toString().lines().count());
        assertTrue(said.toString().contains("CC BY-SA 4.0"), said.toString());
    }

    @Test
    void theCommandFailsWithOneLineAndNoStackTrace() {
        var said = new StringWriter();
        assertEquals(1, run(said, "glue/None", "--into", folder.toString()));
        assertTrue(said.toString().startsWith("there is no data set 'glue/None'"));
        assertEquals(1, said.toString().lines().count());
        assertEquals(2, run(new StringWriter(), "--no-such-option"));
    }
}
