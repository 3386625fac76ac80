package org.lowrank.data.source;

import java.io.IOException;
import org.lowrank.engine.Checksums;

/**
 * A file that a run reads, whether it is here or not.
 *
 * @param path below the data folder
 * @param set the data set it is of, as {@code fetch} knows it
 */
public record NeededFile(String path, String set) {

    /** Whether it is here, or how to get it, in a few words. */
    public String place(DataRoot root) {
        return root.contains(path) ? "is here" : "not here; environment/lowrank fetch " + set;
    }

    /**
     * Its checksum.
     *
     * @throws DataNotFoundException if it is not here; the message says how to get it
     */
    public String sha256(DataRoot root) throws IOException {
        return Checksums.of(root.file(path, set));
    }
}
