package org.lowrank.experiment.run;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Shows where an engine stands. */
public final class ProgressLines {

    private ProgressLines() {}

    /** A line when a run has ended. */
    public static Consumer<EngineStatus> lines(PrintStream out) {
        var done = new int[] {-1};
        return status -> {
            if (status.done() != done[0]) {
                done[0] = status.done();
                out.println(status.line());
            }
        };
    }

    /**
     * One HTML block that changes in place.
     *
     * <p>In a notebook: {@code Progress.inNotebook(html -> display(html, "text/html"), (id, html)
     * -> updateDisplay(id, html, "text/html"))}.
     *
     * @param display shows HTML and returns the id of the block
     * @param update replaces the HTML of a block
     */
    public static Consumer<EngineStatus> inNotebook(
            UnaryOperator<String> display, BiConsumer<String, String> update) {
        var id = new String[1];
        return status -> {
            if (id[0] == null) {
                id[0] = display.apply(html(status));
            } else {
                update.accept(id[0], html(status));
            }
        };
    }

    private static String html(EngineStatus status) {
        double share = status.total() == 0 ? 1 : (double) status.done() / status.total();
        return String.format(
                Locale.ROOT,
                "<div style=\"font-family:sans-serif;font-size:13px;max-width:640px\">%s<div"
                        + " style=\"background:#e6e6e6;height:4px;margin:3px 0\"><div"
                        + " style=\"background:#0072b2;height:4px;width:%.1f%%\"></div></div></div>",
                status.line().replace("&", "&amp;").replace("<", "&lt;"),
                100 * share);
    }
}
