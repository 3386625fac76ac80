package org.lowrank.cli;

import java.io.PrintStream;
import org.lowrank.experiment.run.EngineStatus;

/** One line that changes in place on a terminal; elsewhere a line when a run has ended. */
final class StatusLine {

    private static final int WIDTH = 160;

    private final PrintStream out;
    private final boolean terminal;
    private int done = -1;

    StatusLine(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    void show(EngineStatus status) {
        if (terminal) {
            var line = status.line();
            out.print("\r\u001b[K" + line.substring(0, Math.min(WIDTH, line.length())));
            out.flush();
        } else if (status.done() != done) {
            done = status.done();
            out.println(status.line());
        }
    }

    void end(EngineStatus status) {
        if (terminal) {
            out.print("\r\u001b[K");
        }
        out.println(status.line());
    }
}
