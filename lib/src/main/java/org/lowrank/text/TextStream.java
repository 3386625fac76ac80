package org.lowrank.text;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Generated ids as text that may be shown at once: at every moment a prefix of the final text. A
 * character of which bytes are missing is held back, and so is a beginning of a stop text; blanks
 * that belong to a word come with it.
 */
public final class TextStream {

    private static final char UNKNOWN = '\uFFFD';

    private final Function<int[], String> decode;
    private final List<String> stops;
    private final List<Integer> ids = new ArrayList<>();
    private final StringBuilder shown = new StringBuilder();
    private String held = "";

    /** Ids before it are not decoded again; those up to {@code read} have become text. */
    private int window;

    private int read;
    private boolean stopped;

    TextStream(Function<int[], String> decode, List<String> stops) {
        if (stops.contains("")) {
            throw new IllegalArgumentException("a stop text must not be empty");
        }
        this.decode = decode;
        this.stops = List.copyOf(stops);
    }

    /**
     * Takes the next id.
     *
     * @return what may be shown now, perhaps nothing
     */
    public String add(int id) {
        if (stopped) {
            throw new IllegalStateException("the text has ended by a stop text");
        }
        ids.add(id);
        var before = decoded(window, read);
        var now = decoded(window, ids.size());
        if (!now.isEmpty() && now.charAt(now.length() - 1) == UNKNOWN) {
            return "";
        }
        if (!now.startsWith(before)) {
            window = read;
            return take(decoded(read, ids.size()));
        }
        var piece = now.substring(before.length());
        if (!piece.isEmpty()) {
            window = read;
        }
        return take(piece);
    }

    /** The end of the ids: what was held back. */
    public String finish() {
        if (stopped) {
            return "";
        }
        var before = decoded(window, read);
        var now = decoded(window, ids.size());
        var piece = now.startsWith(before) ? now.substring(before.length()) : now;
        var rest = take(piece);
        if (stopped) {
            return rest;
        }
        var last = held;
        shown.append(last);
        held = "";
        return rest + last;
    }

    /** Whether a stop text has been written. */
    public boolean stopped() {
        return stopped;
    }

    /** All that has been shown. */
    public String text() {
        return shown.toString();
    }

    private String take(String piece) {
        read = ids.size();
        var open = held + piece;
        int end = open.length();
        for (var stop : stops) {
            int at = open.indexOf(stop);
            if (at >= 0 && at < end) {
                end = at;
                stopped = true;
            }
        }
        if (!stopped) {
            end = open.length() - longestBeginning(open);
        }
        held = stopped ? "" : open.substring(end);
        var now = open.substring(0, end);
        shown.append(now);
        return now;
    }

    /** The length of the longest end of a text that begins a stop text. */
    private int longestBeginning(String text) {
        int longest = 0;
        for (var stop : stops) {
            int most = Math.min(stop.length() - 1, text.length());
            for (int length = most; length > longest; length--) {
                if (text.endsWith(stop.substring(0, length))) {
                    longest = length;
                }
            }
        }
        return longest;
    }

    private String decoded(int from, int to) {
        return decode.apply(ids.subList(from, to).stream().mapToInt(Integer::intValue).toArray());
    }
}
