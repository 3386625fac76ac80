package org.lowrank.experiment.spec;

import java.util.List;

/**
 * A specification that cannot be run. Every problem names the field by its path in the file, what
 * it holds and what it may hold.
 */
public final class SpecificationException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private final transient List<String> problems;

    public SpecificationException(String source, List<String> problems) {
        super(source + ":\n  " + String.join("\n  ", problems));
        this.problems = List.copyOf(problems);
    }

    /** One line a problem. */
    public List<String> problems() {
        return problems;
    }
}
