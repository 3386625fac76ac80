package org.lowrank.data.source;

import java.io.FileNotFoundException;
import java.nio.file.Path;

/** A file of a data set is not on this machine. The message says how to get it. */
public final class DataNotFoundException extends FileNotFoundException {

    private static final long serialVersionUID = 1L;

    private DataNotFoundException(String message) {
        super(message);
    }

    static DataNotFoundException of(String file, String set, Path place) {
        return new DataNotFoundException(
                """
                the file %s of the data set %s is not on this machine.
                  Looked for: %s
                  To get it: environment/lowrank fetch %s
                  or name the folder that has it by LOWRANK_DATA (default ~/.cache/lowrank), or by \
                -Dlowrank.data=FOLDER."""
                        .formatted(file, set, place, set));
    }
}
