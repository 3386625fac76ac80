package org.lowrank.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;

/** A file that is not there is answered with what there is. */
final class MissingFile {

    private static final int SHOWN = 12;

    private MissingFile() {}

    static MalformedFileException refusal(Path path) {
        var parent = path.toAbsolutePath().getParent();
        String reason;
        if (Files.isDirectory(path)) {
            reason = "is a folder, not a file; it holds " + contents(path);
        } else if (Files.isSymbolicLink(path) && !Files.exists(path)) {
            reason = "is a link to a file that is not there";
        } else if (parent == null || !Files.isDirectory(parent)) {
            reason = "there is no such file, nor its folder";
        } else {
            reason = "there is no such file; its folder holds " + contents(parent);
        }
        return new MalformedFileException(path, "file", reason);
    }

    /** The names in a folder, the first of them if there are many. */
    static String contents(Path folder) {
        try (var entries = Files.list(folder)) {
            var names = entries.map(p -> p.getFileName().toString()).sorted().toList();
            var shown = names.stream().limit(SHOWN).collect(Collectors.joining(", "));
            return names.isEmpty()
                    ? "nothing"
                    : names.size() > SHOWN
                            ? shown + " and " + (names.size() - SHOWN) + " more"
                            : shown;
        } catch (IOException e) {
            return "what cannot be listed (" + e.getMessage() + ")";
        }
    }
}
