package org.lowrank.text;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * How byte-level models cut a text into words before they merge, by the names that GGUF files use
 * ({@code tokenizer.ggml.pre}). A text is cut by one pattern after the other.
 */
final class PreTokenizers {

    private static final String GPT2 =
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

    /** Words with one mark before them; numbers as the model wants them. */
    private static final String WORDS =
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|%s"
                    + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    private static final List<String> LLAMA3 = List.of(WORDS.formatted("\\p{N}{1,3}"));
    private static final List<String> QWEN2 = List.of(WORDS.formatted("\\p{N}"));
    private static final List<String> DIGITS_FIRST = List.of("\\p{N}", GPT2);
    private static final List<String> UNNAMED =
            List.of("[\\p{P}\\$\\+<=>\\^~\\|]+", GPT2, "\\p{N}+", "[0-9][0-9][0-9]");

    private static final Map<String, List<String>> BY_NAME = new TreeMap<>();

    static {
        List.of("gpt-2", "phi-2", "mpt", "olmo", "jais")
                .forEach(n -> BY_NAME.put(n, List.of(GPT2)));
        List.of("llama-bpe", "llama3", "llama-v3", "smaug-bpe")
                .forEach(n -> BY_NAME.put(n, LLAMA3));
        List.of("qwen2", "deepseek-r1-qwen", "stablelm2").forEach(n -> BY_NAME.put(n, QWEN2));
        List.of("smollm", "starcoder", "refact", "command-r", "codeshell")
                .forEach(n -> BY_NAME.put(n, DIGITS_FIRST));
        BY_NAME.put("default", UNNAMED);
    }

    private PreTokenizers() {}

    static TreeSet<String> names() {
        return new TreeSet<>(BY_NAME.keySet());
    }

    /** Whether a word that is a token is never cut, whatever the merges say. */
    static boolean ignoresMerges(String name) {
        return BY_NAME.get(name) == LLAMA3;
    }

    /** As a {@code tokenizer.json} writes it, the map of bytes to letters last. */
    static Optional<ObjectNode> named(String name) {
        if (!BY_NAME.containsKey(name)) {
            return Optional.empty();
        }
        var json = JsonNodeFactory.instance.objectNode().put("type", "Sequence");
        var steps = json.putArray("pretokenizers");
        for (var pattern : BY_NAME.get(name)) {
            var split = steps.addObject().put("type", "Split");
            split.putObject("pattern").put("Regex", pattern);
            split.put("behavior", "Isolated").put("invert", false);
        }
        steps.addObject()
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", true)
                .put("use_regex", false);
        return Optional.of(json);
    }
}
