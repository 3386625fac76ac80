package org.lowrank.data.source;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The folder that holds downloaded data sets.
 *
 * @param folder absolute; it need not exist yet
 */
public record DataRoot(Path folder) {

    public DataRoot {
        folder = folder.toAbsolutePath().normalize();
    }

    /**
     * The folder that the system property {@code lowrank.data} or else the environment variable
     * {@code LOWRANK_DATA} names; {@code ~/.cache/lowrank} if neither does.
     */
    public static DataRoot ofThisMachine() {
        var named = System.getProperty("lowrank.data", System.getenv("LOWRANK_DATA"));
        return new DataRoot(
                named == null || named.isBlank()
                        ? Path.of(System.getProperty("user.home"), ".cache", "lowrank")
                        : Path.of(named));
    }

    public boolean contains(String relativePath) {
        return Files.isRegularFile(place(relativePath));
    }

    /**
     * A file that must be there.
     *
     * @param relativePath as manifests give it, for example {@code glue/CoLA/train.tsv}
     * @param set the data set it belongs to, for example {@code glue/CoLA}
     * @throws DataNotFoundException if it is not there; the message says where it was looked for
     *     and how to get it
     */
    public Path file(String relativePath, String set) throws DataNotFoundException {
        var place = place(relativePath);
        if (!Files.isRegularFile(place)) {
            throw DataNotFoundException.of(relativePath, set, place);
        }
        return place;
    }

    /**
     * What a record calls a file: within this folder its path from here, equal on every machine.
     */
    public String named(String file) {
        var prefix = folder + "/";
        return file.startsWith(prefix) ? file.substring(prefix.length()) : file;
    }

    /** Where a file belongs, whether it is there or not. */
    Path place(String relativePath) {
        var place = folder.resolve(relativePath).normalize();
        if (!place.startsWith(folder) || place.equals(folder)) {
            throw new IllegalArgumentException(
                    "'" + relativePath + "' does not lie within the data folder " + folder);
        }
        return place;
    }
}
