package org.lowrank.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Collects what is wrong with a specification, so that one reading tells all of it. */
public final class Problems {

    private final String prefix;
    private final List<String> found = new ArrayList<>();

    /**
     * @param prefix where the fields stand, for example {@code methods[2] "AltLoRA": }
     */
    public Problems(String prefix) {
        this.prefix = prefix;
    }

    public void require(boolean holds, String field, String problem) {
        if (!holds) {
            found.add(prefix + field + " " + problem);
        }
    }

    public void atLeast(String field, long value, long least) {
        require(value >= least, field, "is " + value + "; allowed: " + least + " or more");
    }

    public void positive(String field, double value) {
        require(
                value > 0 && Double.isFinite(value),
                field,
                "is " + value + "; allowed: a number above 0");
    }

    public void oneOf(String field, String value, Collection<String> allowed) {
        require(
                allowed.contains(value),
                field,
                "is \"" + value + "\"; allowed: " + String.join(", ", allowed));
    }

    /** One line a problem. */
    public List<String> list() {
        return List.copyOf(found);
    }
}
