package org.lowrank.data;

import java.io.IOException;
import java.nio.file.Path;

/** A line of a data file is not as it should be. The message names file, line and expectation. */
public final class DataFormatException extends IOException {

    private static final long serialVersionUID = 1L;

    public DataFormatException(Path file, int line, String problem) {
        super(file + ", line " + line + ": " + problem);
    }
}
