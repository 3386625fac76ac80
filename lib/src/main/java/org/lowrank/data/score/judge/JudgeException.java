package org.lowrank.data.score.judge;

import java.io.IOException;

/** A judge gave no judgment: its address, what came back, what to do. */
public final class JudgeException extends IOException {

    private static final long serialVersionUID = 1L;

    JudgeException(String message) {
        super(message);
    }

    JudgeException(String message, Throwable cause) {
        super(message, cause);
    }
}
