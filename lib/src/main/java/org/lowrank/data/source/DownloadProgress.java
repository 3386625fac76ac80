package org.lowrank.data.source;

import java.net.URI;

/** Is told how far a download has come: at its start, after each piece, at its end. */
@FunctionalInterface
public interface DownloadProgress {

    /** Says nothing. */
    DownloadProgress NONE = (url, done, total) -> {};

    /**
     * @param done bytes that are here, those of an earlier try among them
     * @param total bytes in all, or -1 if unknown
     */
    void report(URI url, long done, long total);
}
