package org.lowrank.data;

import java.util.HashSet;
import java.util.List;

/**
 * A labelled text as a prompt and the word for its class.
 *
 * @param text with {@code {first}} where the text stands, and {@code {second}} for the second one
 *     of a pair
 * @param words of the classes, in the order of their numbers
 */
public record LabelPrompt(String text, List<String> words) {

    private static final String FIRST = "{first}";
    private static final String SECOND = "{second}";

    public LabelPrompt {
        words = words.stream().map(String::strip).toList();
        if (!text.contains(FIRST)) {
            throw new IllegalArgumentException(
                    "the prompt \"" + text + "\" has no " + FIRST + ", where the text stands");
        }
        if (words.contains("") || new HashSet<>(words).size() < words.size()) {
            throw new IllegalArgumentException(
                    "the words of the classes must differ and not be empty: " + words);
        }
    }

    /** True for pairs of texts. */
    public boolean isOfPairs() {
        return text.contains(SECOND);
    }

    /** The text around an example; what stands in the example is taken as it is. */
    public String of(LabelledText example) {
        var prompt = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            if (text.startsWith(FIRST, at)) {
                prompt.append(example.text());
                at += FIRST.length();
            } else if (text.startsWith(SECOND, at)) {
                prompt.append(example.secondText().orElseThrow());
                at += SECOND.length();
            } else {
                prompt.append(text.charAt(at++));
            }
        }
        return prompt.toString();
    }
}
