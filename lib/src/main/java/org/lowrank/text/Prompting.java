package org.lowrank.text;

import java.util.List;
import java.util.Map;

/** How a model is asked, by name: its chat template, words around a question, or the bare text. */
public final class Prompting {

    /** The model's own chat template. */
    public static final String CHAT = "chat";

    private Prompting() {}

    /** A chat template where the model has one, else the bare text. */
    public static String usual(TextTokenizer tokenizer) {
        return tokenizer.chatTemplate("default").isPresent() ? CHAT : PromptTemplate.PLAIN.name();
    }

    /** Words around an instruction: a template by its name, or from its text. */
    public static PromptTemplate template(String prompt) {
        return prompt.contains("{") ? PromptTemplate.of(prompt) : PromptTemplate.named(prompt);
    }

    /** The ids that a model reads before it answers. */
    public static int[] ids(String prompt, String question, TextTokenizer tokenizer) {
        return prompt.equals(CHAT)
                ? ids(List.of(Map.of("role", "user", "content", question)), tokenizer)
                : tokenizer.encode(template(prompt).prompt(question, ""));
    }

    /** The ids of a talk, up to where the next answer begins. */
    public static int[] ids(List<? extends Map<String, ?>> messages, TextTokenizer tokenizer) {
        return tokenizer.encodeUnframed(tokenizer.chat().render(messages, true));
    }
}
