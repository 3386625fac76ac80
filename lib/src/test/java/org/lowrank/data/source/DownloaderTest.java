package org.lowrank.data.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.engine.Checksums;

class DownloaderTest {

    private static final byte[] CONTENT = new byte[300_000];

    static {
        new Random(1).nextBytes(CONTENT);
    }

    @TempDir Path folder;
    private FileServer server;
    private final List<Long> reports = new ArrayList<>();
    private final Downloader downloader =
            new Downloader((url, done, total) -> reports.add(done * 1_000_000 + total));

    @BeforeEach
    void start() throws IOException {
        server = new FileServer();
        server.content = CONTENT;
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private RemoteFile file() {
        return new RemoteFile(server.url("/a.tsv"), (long) CONTENT.length, Checksums.of(CONTENT));
    }

    private Path target() {
        return folder.resolve("set/a.tsv");
    }

    private Path part() {
        return folder.resolve("set/a.tsv.part");
    }

    private String failure(RemoteFile file) {
        var error = assertThrows(DownloadException.class, () -> downloader.fetch(file, target()));
        assertFalse(Files.exists(target()), "nothing half done may stand in the target's place");
        return error.getMessage();
    }

    private void putPart(byte[] bytes) throws IOException {
        Files.createDirectories(part().getParent());
        Files.write(part(), bytes);
    }

    @Test
    void aFileArrivesWholeAndIsNotFetchedTwice() throws IOException {
        downloader.fetch(file(), target());
        assertArrayEquals(CONTENT, Files.readAllBytes(target()));
        assertFalse(Files.exists(part()));
        downloader.fetch(file(), target());
        assertEquals(List.of(""), server.ranges);
    }

    @Test
    void progressRunsFromZeroToAll() throws IOException {
        downloader.fetch(file(), target());
        assertEquals(300_000L, reports.get(0));
        assertEquals(300_000L * 1_000_000 + 300_000, reports.get(reports.size() - 1));
        assertEquals(reports.stream().sorted().toList(), reports);
        assertTrue(reports.size() > 4);
    }

    @Test
    void aDownloadThatBrokeOffGoesOnWhereItStopped() throws IOException {
        server.breakAfter = 100_000;
        var message = failure(file());
        // a connection that is cut may lose the last of what was sent
        long kept = Files.size(part());
        assertTrue(kept > 0 && kept <= 100_000, message);
        assertTrue(message.contains("broke off after " + kept + " of 300000 bytes"), message);
        assertTrue(message.contains("run it again"), message);
        server.breakAfter = -1;
        downloader.fetch(file(), target());
        assertArrayEquals(CONTENT, Files.readAllBytes(target()));
        assertEquals(List.of("", "bytes=" + kept + "-"), server.ranges);
    }

    @Test
    void aServerThatKnowsNoRangesSendsAllOfItAnew() throws IOException {
        putPart(Arrays.copyOf(CONTENT, 1234));
        server.knowsRanges = false;
        downloader.fetch(file(), target());
        assertArrayEquals(CONTENT, Files.readAllBytes(target()));
    }

    @Test
    void aPartOfAnotherVersionIsDroppedAndFetchedAnew() throws IOException {
        putPart(new byte[5000]);
        downloader.fetch(file(), target());
        assertArrayEquals(CONTENT, Files.readAllBytes(target()));
        assertEquals(List.of("bytes=5000-", ""), server.ranges);
    }

    @Test
    void aPartLongerThanTheFileIsDroppedAndFetchedAnew() throws IOException {
        putPart(new byte[CONTENT.length + 7]);
        downloader.fetch(file(), target());
        assertArrayEquals(CONTENT, Files.readAllBytes(target()));
    }

    @Test
    void withoutAKnownSizeAPartThatIsTooLongIsDroppedToo() throws IOException {
        putPart(new byte[CONTENT.length + 7]);
        downloader.fetch(new RemoteFile(file().url(), null, file().sha256()), target());
        assertArrayEquals(CONTENT, Files.readAllBytes(target()));
    }

    @Test
    void otherContentIsRefusedWithBothHashesAndNotKept() throws IOException {
        server.content = CONTENT.clone();
        server.content[77]++;
        var message = failure(file());
        assertTrue(message.contains(Checksums.of(server.content)), message);
        assertTrue(message.contains("expected " + Checksums.of(CONTENT)), message);
        assertEquals(0, Files.size(part()));
    }

    @Test
    void anotherSizeIsRefusedBeforeItIsFetched() {
        server.content = "<html>Please log in</html>".getBytes();
        var message = failure(file());
        assertTrue(message.contains("has 26 bytes, expected 300000"), message);
    }

    @Test
    void aPageInPlaceOfTheFileIsToldAndWhatCameBeforeIsKept() throws IOException {
        putPart(Arrays.copyOf(CONTENT, 1234));
        server.page = "text/html; charset=utf-8";
        var message = failure(file());
        assertTrue(message.contains("answered with a web page (text/html"), message);
        assertEquals(1234, Files.size(part()));
        server.page = null;
        downloader.fetch(file(), target());
        assertArrayEquals(CONTENT, Files.readAllBytes(target()));
    }

    @Test
    void aMissingFileAndABrokenServerAreToldByTheirStatus() {
        server.status = 404;
        assertTrue(failure(file()).contains("HTTP 404 for " + file().url()));
        server.status = 503;
        assertTrue(failure(file()).contains("HTTP 503 for " + file().url()));
    }

    @Test
    void withoutANetworkTheErrorNamesTheHost() {
        server.close();
        var message = failure(file());
        assertTrue(message.startsWith("cannot reach 127.0.0.1 for http://127.0.0.1:"), message);
        assertTrue(message.contains("Is there a network?"), message);
    }

    @Test
    void aDiskWithoutRoomIsNoticedBeforeTheDownload() {
        var huge = new RemoteFile(server.url("/a.tsv"), Long.MAX_VALUE / 2, null);
        assertTrue(failure(huge).contains("has room for"));
        assertEquals(List.of(), server.ranges);
    }

    @Test
    void twoRunsDoNotWriteIntoOnePart() throws IOException {
        putPart(new byte[3]);
        try (var other = FileChannel.open(part(), StandardOpenOption.WRITE);
                var lock = other.lock()) {
            assertTrue(lock.isValid());
            assertTrue(failure(file()).contains("is being downloaded already"));
        }
        downloader.fetch(file(), target());
        assertArrayEquals(CONTENT, Files.readAllBytes(target()));
    }
}
