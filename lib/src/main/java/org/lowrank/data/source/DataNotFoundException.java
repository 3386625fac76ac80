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
        var next = System.lineSeparator() + "  ";
        return new DataNotFoundException(
                "the file "
                        + file
                        + " of the data set "
                        + set
                        + " is not on this machine."
                        + next
                        + "Looked for: "
                        + place
                        + next
                        + "To get it: "
                        + "environment/lowrank fetch "
                        + set
                        + next
                        + "or name the folder that has it by LOWRANK_DATA (default"
                        + " ~/.cache/lowrank), or by -Dlowrank.data=FOLDER.");
    }
}
