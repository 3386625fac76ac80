package org.lowrank.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileFaultTest {

    @TempDir private Path folder;

    private static String saying(org.junit.jupiter.api.function.Executable action) {
        return FileFault.sentence(assertThrows(IOException.class, action));
    }

    @Test
    void aLinkToNowhereAndAFileInPlaceOfAFolderAreNamed() throws IOException {
        var link = Files.createSymbolicLink(folder.resolve("runs"), Path.of("/not/mounted"));
        var dangling =
                link
                        + " is a link to /not/mounted, which is not there: mount or make that, or"
                        + " remove the link";
        assertEquals(dangling, saying(() -> Files.createDirectories(link.resolve("x"))));
        assertEquals(dangling, saying(() -> Files.readString(link.resolve("x/record.json"))));
        assertEquals(dangling, saying(() -> FileFault.requireFolderOrNothing(link)));
        assertEquals(dangling, saying(() -> AtomicFile.write(link.resolve("a"), out -> {})));
        var file = Files.writeString(folder.resolve("file"), "");
        var notAFolder = file + " is a file, not a folder";
        assertEquals(notAFolder, saying(() -> Files.createDirectories(file.resolve("x"))));
        assertEquals(notAFolder, saying(() -> FileFault.requireFolderOrNothing(file.resolve("x"))));
        FileFault.requireFolderOrNothing(folder.resolve("new"));
    }

    @Test
    void whatTheFileSystemSaysInsideAMessageIsPutIntoASentence() {
        var gone = folder.resolve("gone").toString();
        var missing = new java.nio.file.NoSuchFileException(gone);
        assertEquals(gone + " is not there", FileFault.sentence(missing));
        assertEquals(
                "cannot read: " + gone + " is not there",
                FileFault.sentence(
                        new IOException("cannot read: " + missing.getMessage(), missing)));
        assertEquals(gone + " is not there", FileFault.sentence(new UncheckedIOException(missing)));
        assertEquals(
                gone + ": No space left on device",
                FileFault.sentence(new FileSystemException(gone, null, "No space left on device")));
        assertEquals("no record", FileFault.sentence(new IOException("no record")));
        assertEquals("IOException", FileFault.sentence(new IOException()));
    }

    @Test
    void aMissingRightIsTold() throws IOException {
        var file = Files.writeString(folder.resolve("mine"), "");
        assertEquals(
                "no right to write in " + folder + ": ask its owner, or name another folder",
                FileFault.sentence(new AccessDeniedException(folder.resolve("new").toString())));
        assertEquals(
                "no right to write in " + folder + ": ask its owner, or name another folder",
                FileFault.sentence(new AccessDeniedException(file.toString())));
    }
}
