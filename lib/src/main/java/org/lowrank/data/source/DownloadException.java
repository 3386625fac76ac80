package org.lowrank.data.source;

import java.io.IOException;

/** A download failed. The message says what was asked for, what came, and what to do. */
public final class DownloadException extends IOException {

    private static final long serialVersionUID = 1L;

    DownloadException(String message, Throwable cause) {
        super(message, cause);
    }

    DownloadException(String message) {
        super(message);
    }
}
