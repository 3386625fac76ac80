package org.lowrank.data.source;

import java.io.IOException;

/**
 * An artifact is neither on this machine nor to be fetched. The message says which one, what was
 * tried and how to get it by hand.
 */
public final class ArtifactNotFoundException extends IOException {

    private static final long serialVersionUID = 1L;

    public ArtifactNotFoundException(String message, Throwable cause) {
        super(message, cause);
    }
}
