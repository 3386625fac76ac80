package org.lowrank.data.instruction;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What is wrong with a file of records: every bad line, up to a limit, and none of its text. */
public final class DataFaultsException extends IOException {

    private static final long serialVersionUID = 1L;
    private static final int SHOWN = 20;

    private final transient List<String> faults;

    /**
     * @param faults one line each, beginning with the place
     * @param good the records that can be read
     */
    DataFaultsException(Path file, List<String> faults, int good) {
        super(message(file, faults, good));
        this.faults = List.copyOf(faults);
    }

    private static String message(Path file, List<String> faults, int good) {
        var shown = faults.subList(0, Math.min(SHOWN, faults.size()));
        var rest = faults.size() - shown.size();
        return file
                + ": "
                + faults.size()
                + (faults.size() == 1 ? " fault, " : " faults, ")
                + good
                + " good records\n  "
                + String.join("\n  ", shown)
                + (rest > 0 ? "\n  and " + rest + " more" : "");
    }

    public List<String> faults() {
        return faults;
    }
}
