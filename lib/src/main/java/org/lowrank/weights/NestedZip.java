package org.lowrank.weights;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.ZipInputStream;

/** An entry of a zip file that is itself only to be had as a stream. */
public final class NestedZip {

    private NestedZip() {}

    /**
     * Reads the zip up to the entry.
     *
     * @param file what error messages call the zip
     * @return the entry's bytes; closing it closes the zip
     * @throws WeightFileException if the zip has no such entry or ends before it
     */
    public static InputStream open(String file, StreamOpener zip, String entry) throws IOException {
        var in = new ZipInputStream(zip.open());
        try {
            for (var next = in.getNextEntry(); next != null; next = in.getNextEntry()) {
                if (next.getName().equals(entry)) {
                    return in;
                }
            }
        } catch (IOException e) {
            in.close();
            throw new WeightFileException(
                    file + " is damaged before its entry " + entry + " begins", e);
        }
        in.close();
        throw new WeightFileException(
                file + " has no entry " + entry + "; it is another file, or ends too early");
    }
}
