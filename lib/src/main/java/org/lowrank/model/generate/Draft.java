package org.lowrank.model.generate;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.lowrank.text.TextStream;

/** A text while it is written: its ids, what has been shown of it, and whether it has ended. */
final class Draft {

    private final int most;
    private final Written.Ending full;
    private final Set<Integer> stops;
    private final TextStream stream;
    private final Consumer<String> shown;
    private final List<Integer> ids = new ArrayList<>();
    private Written.Ending ending;

    /**
     * @param full why it ends after that many tokens
     * @param stream null where ids are not made text
     * @param shown takes pieces of the text as soon as they cannot change any more
     */
    Draft(
            int most,
            Written.Ending full,
            Set<Integer> stops,
            TextStream stream,
            Consumer<String> shown) {
        this.most = most;
        this.full = full;
        this.stops = stops;
        this.stream = stream;
        this.shown = shown;
    }

    int most() {
        return most;
    }

    /** Adds an id; false if the text has ended with it. */
    boolean add(int id) {
        ids.add(id);
        if (stops.contains(id)) {
            end(Written.Ending.STOP_ID);
        } else if (stream != null && show(stream.add(id)).stopped()) {
            end(Written.Ending.STOP_TEXT);
        } else if (ids.size() == most) {
            end(full);
        }
        return ending == null;
    }

    private TextStream show(String piece) {
        if (!piece.isEmpty()) {
            shown.accept(piece);
        }
        return stream;
    }

    private void end(Written.Ending why) {
        ending = why;
        if (stream != null) {
            show(stream.finish());
        }
    }

    /** What there is; a text that has not ended was interrupted. */
    Written.Text text(double score) {
        if (ending == null) {
            end(Written.Ending.INTERRUPTED);
        }
        var text = stream == null ? "" : stream.text();
        return new Written.Text(List.copyOf(ids), text, ending, score);
    }
}
