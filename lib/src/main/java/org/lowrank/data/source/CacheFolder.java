package org.lowrank.data.source;

import java.nio.file.Path;

/**
 * The folder of what this library makes itself and can make again: unpacked entries of jars, models
 * of its own.
 */
public final class CacheFolder {

    private CacheFolder() {}

    /**
     * The folder that the system property {@code lowrank.cache} or else the environment variable
     * {@code LOWRANK_CACHE} names; {@code ~/.cache/lowrank} if neither does.
     */
    public static Path ofThisMachine() {
        var named = System.getProperty("lowrank.cache", System.getenv("LOWRANK_CACHE"));
        return (named == null || named.isBlank()
                        ? Path.of(System.getProperty("user.home"), ".cache", "lowrank")
                        : Path.of(named))
                .toAbsolutePath()
                .normalize();
    }

    /** What a record calls a file: within this folder its path from here. */
    public static String named(String file) {
        var prefix = ofThisMachine() + "/";
        return file.startsWith(prefix) ? file.substring(prefix.length()) : file;
    }
}
