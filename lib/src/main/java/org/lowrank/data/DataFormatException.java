package org.lowrank.data;

import java.io.IOException;
import java.nio.file.Path;

/** A line of a data file is not as it should be. The message names file, line and expectation. */
public final class DataFormatException extends IOException {

    private static final long serialVersionUID = 1L;

    /** A file of no lines, or an entry in one, by its name. */
    public DataFormatException(String name, String problem) {
        super(name + ": " + problem);
    }

    public DataFormatException(Path file, int line, String problem) {
        super(file + ", line " + line + ": " + problem);
    }

    private DataFormatException(Path file, String problem) {
        super(file + ": " + problem);
    }

    /**
     * Refuses a file of too few rows to be split.
     *
     * @param from what the rows were chosen by, for the message; empty if all are meant
     */
    public static void requireRows(Path file, int rows, int least, String from)
            throws DataFormatException {
        if (rows < least) {
            throw new DataFormatException(
                    file,
                    "has %s rows%s; at least %s are needed. It is cut off, or another file"
                            .formatted(rows, from, least));
        }
    }
}
