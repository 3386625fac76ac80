package org.lowrank.text;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The words around an instruction, up to where the answer begins.
 *
 * @param name in tables
 * @param withInput with {@code {instruction}} and {@code {input}}
 * @param withoutInput for records whose input is empty, with {@code {instruction}}
 * @param between what stands between the prompt and the answer; it belongs to the answer
 */
public record PromptTemplate(String name, String withInput, String withoutInput, String between) {

    private static final String TASK = "Below is an instruction that describes a task";
    private static final String CONTEXT =
            TASK + ", paired with an input that provides further context. ";
    private static final String RESPONSE =
            "Write a response that appropriately completes the request.";
    private static final Pattern FIELD = Pattern.compile("\\{(\\w+)\\}");

    /** The instruction itself: what a file of prompts and answers means. */
    public static final PromptTemplate PLAIN =
            new PromptTemplate("plain", "{instruction}\n{input}", "{instruction}", "");

    /**
     * Stanford Alpaca's, which LoRA-Pro's scripts use without an input; a blank, then the answer.
     */
    public static final PromptTemplate ALPACA =
            new PromptTemplate(
                    "alpaca",
                    CONTEXT
                            + RESPONSE
                            + "\n\n### Instruction:\n{instruction}\n\n### Input:\n{input}"
                            + "\n\n### Response:",
                    TASK + ". " + RESPONSE + "\n\n### Instruction:\n{instruction}\n\n### Response:",
                    " ");

    /** LLM-Adapters', with the blanks that its source code's indentation leaves in it. */
    public static final PromptTemplate LLM_ADAPTERS =
            new PromptTemplate(
                    "llm_adapters",
                    indented(CONTEXT + RESPONSE + " ", "Instruction", "Input", "Response"),
                    indented(TASK + ". " + RESPONSE + "  ", "Instruction", "Response"),
                    "");

    /** A question and the answer's beginning, as small arithmetic sets are trained on a CPU. */
    public static final PromptTemplate QUESTION =
            new PromptTemplate(
                    "question",
                    "Question: {instruction}\n{input}\nAnswer:",
                    "Question: {instruction}\nAnswer:",
                    " ");

    /**
     * LoRA-GA's for word problems (arXiv 2407.05000), by which its rows were measured that LoRA-Pro
     * reprints as baselines. Of the two blanks at the end one is of the prompt, the other is what
     * its code puts between prompt and answer, in training and where the model writes.
     */
    public static final PromptTemplate LORA_GA =
            new PromptTemplate(
                    "lora_ga", "Q: {instruction}\n{input}\nA:  ", "Q: {instruction}\nA:  ", "");

    /** That of AltLoRA's script for MetaMathQA (arXiv 2505.12455); the paper names none. */
    public static final PromptTemplate ALTLORA =
            new PromptTemplate(
                    "altlora",
                    "Question: {instruction}\n{input} </s> Answer: ",
                    "Question: {instruction} </s> Answer: ",
                    "");

    private static final List<PromptTemplate> NAMED =
            List.of(PLAIN, ALPACA, LLM_ADAPTERS, QUESTION, LORA_GA, ALTLORA);

    public PromptTemplate {
        for (var text : List.of(withInput, withoutInput)) {
            if (!text.contains("{instruction}")) {
                throw new IllegalArgumentException(
                        "the prompt template " + name + " has no place for the {instruction}");
            }
            var field = FIELD.matcher(text);
            while (field.find()) {
                if (!List.of("instruction", "input").contains(field.group(1))) {
                    throw new IllegalArgumentException(
                            ("the prompt template %s asks for {%s}; there are {instruction} and"
                                            + " {input}")
                                    .formatted(name, field.group(1)));
                }
            }
        }
    }

    /**
     * A template of one's own: its text, with {@code {instruction}} and perhaps {@code {input}}.
     */
    public static PromptTemplate of(String text) {
        return new PromptTemplate("own", text, text, "");
    }

    /** One of those that have a name. */
    public static PromptTemplate named(String name) {
        return NAMED.stream()
                .filter(template -> template.name.equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "there is no prompt template \""
                                                + name
                                                + "\"; there are "
                                                + NAMED.stream()
                                                        .map(PromptTemplate::name)
                                                        .toList()));
    }

    public String prompt(String instruction, String input) {
        var values = Map.of("instruction", instruction, "input", input);
        return FIELD.matcher(input.isBlank() ? withoutInput : withInput)
                .replaceAll(found -> Matcher.quoteReplacement(values.get(found.group(1))));
    }

    private static String indented(String head, String... parts) {
        var blanks = " ".repeat(16);
        var text = new StringBuilder(head).append('\n');
        for (int i = 0; i < parts.length; i++) {
            text.append(i == 0 ? "\n" : "\n" + blanks + "\n");
            text.append(blanks).append("### ").append(parts[i]).append(":\n").append(blanks);
            text.append(i == parts.length - 1 ? "" : "{" + parts[i].toLowerCase(Locale.ROOT) + "}");
        }
        return text.toString();
    }
}
