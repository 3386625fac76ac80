package org.lowrank.data.score.judge;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lowrank.data.score.SetFile;

/**
 * How a judge is asked. A published table needs FastChat's own words, read from its {@code
 * judge_prompts.jsonl}; {@link #OWN} is this kit's, under a name of its own, so that no record
 * takes the one for the other.
 *
 * @param name in the judgments, for example {@code single-v1}
 * @param system the system message
 * @param template the user's message with {@code {question}}, {@code {answer}} and, where a
 *     reference is shown, {@code {ref_answer_1}}
 */
public record JudgePrompt(String name, String system, String template) {

    public static final JudgePrompt OWN =
            new JudgePrompt(
                    "lowrank-single-v1",
                    "You grade answers of an assistant.",
                    "Grade the assistant's answer to the user's question: is it right, helpful,"
                            + " relevant, deep enough and as detailed as was asked for? Give your"
                            + " reasons briefly, then on the last line a grade from 1 (useless) to"
                            + " 10 (excellent) in this form: [[7]]\n\nQUESTION\n{question}\n\n"
                            + "ANSWER OF THE ASSISTANT\n{answer}\n");

    public static final JudgePrompt OWN_WITH_REFERENCE =
            new JudgePrompt(
                    "lowrank-single-reference-v1",
                    OWN.system,
                    OWN.template
                            + "\nA CORRECT ANSWER, FOR COMPARISON\n{ref_answer_1}\n\n"
                            + "Look for mistakes by comparing the two.\n");

    private static final Pattern PLACE = Pattern.compile("\\{\\{|}}|\\{(\\w*)}");

    /**
     * Reads one prompt of FastChat's file.
     *
     * @param name {@code single-v1}, or {@code single-math-v1} for questions with a reference
     * @throws IllegalArgumentException if the file has none of that name
     */
    public static JudgePrompt read(Path file, String name) throws IOException {
        var all =
                SetFile.read(
                        file,
                        record ->
                                new JudgePrompt(
                                        SetFile.text(record, "name"),
                                        SetFile.text(record, "system_prompt"),
                                        SetFile.text(record, "prompt_template")));
        return all.stream()
                .filter(prompt -> prompt.name.equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        file
                                                + " has no judge prompt '"
                                                + name
                                                + "'; it has "
                                                + all.stream().map(JudgePrompt::name).toList()));
    }

    /**
     * The message, every place filled once: braces in an answer stay as they are.
     *
     * @throws IllegalArgumentException if a place has no value, such as a reference that is missing
     */
    String filled(Map<String, String> values) {
        return PLACE.matcher(template)
                .replaceAll(
                        place -> {
                            var key = place.group(1);
                            var value = key == null ? place.group().substring(1) : values.get(key);
                            if (value == null) {
                                throw new IllegalArgumentException(
                                        "judge prompt '" + name + "' needs {" + key + "}");
                            }
                            return Matcher.quoteReplacement(value);
                        });
    }
}
