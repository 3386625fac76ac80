package org.lowrank.data;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where the texts of a task come from, for the record of a run.
 *
 * @param source the artifact or page they are published under
 * @param licence the terms, in a few words
 * @param preparation what was done to them: filters, splits, seeds
 * @param files the SHA-256 of each file or jar entry that was read, by its name
 * @param leftOut the numbers of lines that are broken in the file as it was published and are in no
 *     split, by the file
 */
public record Provenance(
        String source,
        String licence,
        String preparation,
        Map<String, String> files,
        Map<String, List<Integer>> leftOut) {

    public Provenance {
        files = Map.copyOf(files);
        leftOut = Map.copyOf(leftOut);
    }

    /** Of files of which every line is read. */
    public Provenance(
            String source, String licence, String preparation, Map<String, String> files) {
        this(source, licence, preparation, files, Map.of());
    }

    /** This, with lines that were left out. */
    public Provenance without(Map<String, List<Integer>> lines) {
        return new Provenance(source, licence, preparation, files, lines);
    }

    @Override
    public String toString() {
        var text = new StringBuilder("source: " + source + " (" + licence + "); " + preparation);
        new TreeMap<>(files)
                .forEach(
                        (name, hash) ->
                                text.append(System.lineSeparator())
                                        .append("sha256 ")
                                        .append(hash)
                                        .append("  ")
                                        .append(name));
        new TreeMap<>(leftOut)
                .forEach(
                        (name, lines) ->
                                text.append(System.lineSeparator())
                                        .append(lines.size())
                                        .append(" broken lines left out of ")
                                        .append(name)
                                        .append(": ")
                                        .append(lines));
        return text.toString();
    }
}
