package org.lowrank.data.source;

import java.net.URI;
import java.util.Locale;

/**
 * Something to download.
 *
 * @param url http or https
 * @param bytes its size, or null if unknown
 * @param sha256 its hash in hexadecimal, or null if unknown
 */
public record RemoteFile(URI url, Long bytes, String sha256) {

    public RemoteFile {
        sha256 = sha256 == null ? null : sha256.toLowerCase(Locale.ROOT);
    }
}
