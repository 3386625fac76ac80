package org.lowrank.data.instruction;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One record: an instruction with its answer, or a talk whose last message is the answer.
 *
 * @param line where it stands in its file, from 1; in Parquet its row
 * @param instruction what is asked; of a talk, its last question
 * @param input what the instruction is about, or empty
 * @param answer never blank
 * @param messages the talk, or an empty list
 */
public record Instruction(
        int line,
        String instruction,
        String input,
        String answer,
        List<Map<String, Object>> messages) {

    public Instruction {
        messages = List.copyOf(messages);
    }

    /** A record without a talk. */
    public static Instruction of(int line, String instruction, String input, String answer) {
        return new Instruction(line, instruction, input, answer, List.of());
    }

    /** The record as a talk of one question and its answer. */
    public Instruction asTalk() {
        if (isTalk()) {
            return this;
        }
        var asked = input.isBlank() ? instruction : instruction + "\n" + input;
        return new Instruction(
                line,
                instruction,
                input,
                answer,
                List.of(
                        Map.of("role", "user", "content", asked),
                        Map.of("role", "assistant", "content", answer)));
    }

    public boolean isTalk() {
        return !messages.isEmpty();
    }

    /** What is asked, without what distinguishes two spellings of it: for finding equal records. */
    public String normalized() {
        var asked = instruction + " " + input;
        return asked.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]+", " ").strip();
    }
}
