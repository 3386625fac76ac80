package org.lowrank.data.instruction;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which columns of a file are the instruction, its input and the answer.
 *
 * @param input the name of a column that may be absent, or empty
 */
public record Columns(String instruction, String input, String answer) {

    /** A talk in one column. */
    static final String MESSAGES = "messages";

    /** The names that published sets use; the first that fit are taken. */
    static final List<Columns> KNOWN =
            List.of(
                    new Columns("prompt", "", "completion"),
                    new Columns("instruction", "input", "output"),
                    new Columns("instruction", "input", "response"),
                    new Columns("prompt", "", "response"),
                    new Columns("prompt", "", "answer"),
                    new Columns("question", "", "answer"),
                    new Columns("question", "", "response"),
                    new Columns("query", "", "response"),
                    new Columns("query", "", "answer"),
                    new Columns("text", "", "label"),
                    new Columns("sentence", "", "label"));

    static Optional<Columns> of(Map<String, Object> record) {
        return KNOWN.stream()
                .filter(c -> record.containsKey(c.instruction) && record.containsKey(c.answer))
                .findFirst();
    }

    /** Those of a record that lacks its answer alone. */
    static Optional<Columns> ofUnanswered(Set<String> names) {
        return KNOWN.stream().filter(c -> names.contains(c.instruction)).findFirst();
    }
}
