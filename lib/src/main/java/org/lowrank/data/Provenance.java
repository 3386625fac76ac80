package org.lowrank.data;

import java.util.Map;
import java.util.TreeMap;

/**
 * Where the texts of a task come from, for the record of a run.
 *
 * @param source the artifact or page they are published under
 * @param licence the terms, in a few words
 * @param preparation what was done to them: filters, splits, seeds
 * @param files the SHA-256 of each file or jar entry that was read, by its name
 */
public record Provenance(
        String source, String licence, String preparation, Map<String, String> files) {

    public Provenance {
        files = Map.copyOf(files);
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
        return text.toString();
    }
}
