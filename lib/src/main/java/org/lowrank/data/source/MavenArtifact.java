package org.lowrank.data.source;

import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * The coordinates of a jar in a Maven repository.
 *
 * @param groupId for example {@code org.languagetool}
 * @param artifactId for example {@code language-en}
 * @param version one exact version, never a range
 */
public record MavenArtifact(String groupId, String artifactId, String version) {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]+");

    public MavenArtifact {
        for (var part : new String[] {groupId, artifactId, version}) {
            if (!NAME.matcher(part).matches() || part.contains("..")) {
                throw new IllegalArgumentException(
                        "'"
                                + part
                                + "' is not part of a Maven coordinate: letters, digits, '.', '-'"
                                + " and '_' are expected");
            }
        }
    }

    /** Reads {@code groupId:artifactId:version}. */
    public static MavenArtifact of(String coordinates) {
        var parts = coordinates.split(":", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException(
                    "'" + coordinates + "' is not of the form groupId:artifactId:version");
        }
        return new MavenArtifact(parts[0], parts[1], parts[2]);
    }

    /** Where the jar lies below a repository's root. */
    public Path pathInRepository() {
        return Path.of("", groupId.split("\\."))
                .resolve(artifactId)
                .resolve(version)
                .resolve(artifactId + "-" + version + ".jar");
    }

    @Override
    public String toString() {
        return groupId + ":" + artifactId + ":" + version;
    }
}
