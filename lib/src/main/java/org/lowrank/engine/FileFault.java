package org.lowrank.engine;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;

/**
 * What an error of the file system means, in a sentence: {@code java.nio} tells little but the
 * path. A link to nowhere on the way to a file, a file in place of a folder and a missing right are
 * looked for, since the error itself names none of them.
 */
public final class FileFault {

    private FileFault() {}

    /**
     * What a person is told of an error: its message, in which what the file system says is put
     * into a sentence.
     */
    public static String sentence(Exception error) {
        if (error instanceof FileSystemException fault && fault.getFile() != null) {
            return sentence(fault);
        }
        var message =
                error.getMessage() == null ? error.getClass().getSimpleName() : error.getMessage();
        if (error.getCause() instanceof FileSystemException cause && cause.getFile() != null) {
            for (var said : List.of(cause.toString(), cause.getMessage())) {
                if (message.endsWith(said)) {
                    return message.substring(0, message.length() - said.length()) + sentence(cause);
                }
            }
        }
        return message;
    }

    /**
     * Refuses a folder that cannot be one: a link to nowhere, or a file.
     *
     * @throws IOException with the sentence, if something of this name is there and is no folder
     */
    public static void requireFolderOrNothing(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            for (var at = folder.toAbsolutePath(); at != null; at = at.getParent()) {
                if (Files.exists(at, LinkOption.NOFOLLOW_LINKS)) {
                    if (!Files.isDirectory(at)) {
                        throw new IOException(inPlaceOfFolder(at));
                    }
                    return;
                }
            }
        }
    }

    private static String sentence(FileSystemException fault) {
        var path = Path.of(fault.getFile());
        var obstacle = obstacle(path);
        if (obstacle != null) {
            return obstacle;
        }
        if (fault instanceof AccessDeniedException) {
            return denied(path);
        }
        if (fault instanceof NoSuchFileException) {
            return path
                    + " is not there"
                    + (fault.getReason() == null ? "" : ": " + fault.getReason());
        }
        if (fault instanceof NotDirectoryException || fault instanceof FileAlreadyExistsException) {
            return path + " is in the way: a folder is expected there, or nothing";
        }
        if (fault instanceof DirectoryNotEmptyException) {
            return path + " is a folder that is not empty";
        }
        return path
                + ": "
                + (fault.getReason() == null
                        ? fault.getClass().getSimpleName()
                        : fault.getReason());
    }

    /** What stands on the way to a path and leads nowhere. */
    private static String obstacle(Path path) {
        for (var at = path.toAbsolutePath().normalize(); at != null; at = at.getParent()) {
            boolean last = at.equals(path.toAbsolutePath().normalize());
            if (Files.isSymbolicLink(at) && !Files.exists(at)
                    || !last && Files.exists(at) && !Files.isDirectory(at)) {
                return inPlaceOfFolder(at);
            }
        }
        return null;
    }

    private static String inPlaceOfFolder(Path path) {
        if (Files.isSymbolicLink(path) && !Files.exists(path)) {
            try {
                return path
                        + " is a link to "
                        + Files.readSymbolicLink(path)
                        + ", which is not there: mount or make that, or remove the link";
            } catch (IOException e) {
                return path + " is a link that leads nowhere";
            }
        }
        return path + " is a file, not a folder";
    }

    private static String denied(Path path) {
        boolean exists = Files.exists(path);
        boolean reads = exists && Files.isReadable(path);
        var at = reads || !exists ? existing(path) : path;
        return "no right to "
                + (exists && !reads ? "read " : "write in ")
                + at
                + ": ask its owner, or name another folder";
    }

    private static Path existing(Path path) {
        var at = path.toAbsolutePath();
        while (at.getParent() != null && !Files.isDirectory(at)) {
            at = at.getParent();
        }
        return at;
    }
}
