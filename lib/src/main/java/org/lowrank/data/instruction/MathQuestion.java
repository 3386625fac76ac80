package org.lowrank.data.instruction;

/**
 * A word problem with its answer.
 *
 * @param line where it stands in its file
 * @param question in words
 * @param solution the worked answer in words, or empty
 * @param expression the calculation that leads to the answer, or empty where the set gives none or
 *     gives an equation with an unknown
 * @param answer the number as the set writes it, without {@code .0}
 */
public record MathQuestion(
        int line, String question, String solution, String expression, String answer) {

    /** Asks for the calculation and its value: {@code 12-5=7}. */
    public Instruction calculated() {
        return Instruction.of(
                line, question, "", expression.isEmpty() ? answer : expression + "=" + answer);
    }

    /** Asks for the answer in words. */
    public Instruction worked() {
        return Instruction.of(line, question, "", solution.isEmpty() ? answer : solution);
    }
}
