package org.lowrank.data.score;

import java.util.List;

/**
 * The prompts of lm-evaluation-harness' task {@code gsm8k}, by which AltLoRA (arXiv 2505.12455) is
 * measured: worked examples drawn anew from the training file for each question, then the question.
 *
 * <p>{@code Question: q1\nAnswer: a1\n\n ... Question: q\nAnswer:} with the harness' own draws:
 * Python's {@code random.Random(1234).sample}, one draw a question, in the order of the test file.
 * Generation is greedy and ends at {@link #STOPS}.
 */
public final class FewShot {

    /** What the harness draws by, unless told otherwise. */
    public static final int SEED = 1234;

    public static final int SHOTS = 5;

    /** The most tokens of an answer, the harness' own. */
    public static final int NEW_TOKENS = 256;

    /** Texts at which an answer ends. */
    public static final List<String> STOPS = List.of("Question:", "</s>", "<|im_end|>");

    private FewShot() {}

    /** A question of the training file with its worked answer. */
    public record Worked(String question, String answer) {
        private String shown() {
            return asked(question) + " " + answer + "\n\n";
        }
    }

    /**
     * One prompt a question; the first n of a set have the same prompts as the whole.
     *
     * @param train the training file, in its order
     * @param questions the test file's questions, in its order
     * @param shots how many worked examples come first, 5 in the paper
     * @throws IllegalArgumentException if the training file has fewer
     */
    public static List<String> prompts(List<Worked> train, List<String> questions, int shots) {
        if (shots < 0 || shots > train.size()) {
            throw new IllegalArgumentException(
                    shots + " examples cannot be drawn from " + train.size());
        }
        var random = new PythonRandom(SEED);
        return questions.stream()
                .map(
                        question -> {
                            var prompt = new StringBuilder();
                            for (var index : random.sample(train.size(), shots)) {
                                prompt.append(train.get(index).shown());
                            }
                            return prompt.append(asked(question)).toString();
                        })
                .toList();
    }

    private static String asked(String question) {
        return "Question: " + question + "\nAnswer:";
    }
}
