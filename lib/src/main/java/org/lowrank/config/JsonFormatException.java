package org.lowrank.config;

import java.io.IOException;

/** A JSON document is not what it should be: its name, the line or the key, what was expected. */
public final class JsonFormatException extends IOException {

    private static final long serialVersionUID = 1L;

    private final String problem;

    public JsonFormatException(String document, String problem) {
        super(document + ": " + problem);
        this.problem = problem;
    }

    /** The message without the document's name. */
    public String problem() {
        return problem;
    }
}
