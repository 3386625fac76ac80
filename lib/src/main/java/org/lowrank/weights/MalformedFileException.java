package org.lowrank.weights;

import java.io.IOException;
import java.nio.file.Path;

/** A file that is not what it should be. The message names the file, the field and the reason. */
public class MalformedFileException extends IOException {

    private static final long serialVersionUID = 1L;
    private static final int LONGEST_FIELD = 200;
    private static final int LONGEST_REASON = 1000;

    public MalformedFileException(Path file, String field, String reason) {
        super(
                file
                        + ": "
                        + shortened(field, LONGEST_FIELD)
                        + ": "
                        + shortened(reason, LONGEST_REASON));
    }

    public MalformedFileException(Path file, String field, String reason, Throwable cause) {
        super(
                file
                        + ": "
                        + shortened(field, LONGEST_FIELD)
                        + ": "
                        + shortened(reason, LONGEST_REASON),
                cause);
    }

    /** Names in a hostile file may be megabytes long; an error line is not. */
    private static String shortened(String text, int longest) {
        return text.length() <= longest ? text : text.substring(0, longest) + "...";
    }
}
