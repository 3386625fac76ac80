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
}
