package org.lowrank.text;

import java.time.LocalDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.lowrank.text.jinja.JinjaTemplate;
import org.lowrank.text.jinja.JinjaTemplate.Rendered;

/**
 * How a model was taught to see a talk. The template alone decides whether a talk has a bos token:
 * a rendered talk is encoded without a frame ({@link TextTokenizer#encodeUnframed}).
 */
public final class ChatTemplate {

    private final JinjaTemplate template;
    private final Map<String, Object> values = new HashMap<>();

    /**
     * @param name what refusals call it
     * @param source Jinja, as {@code tokenizer_config.json} or {@code chat_template.jinja} hold it
     * @param special special tokens by name, for example {@code bos_token}
     * @throws org.lowrank.text.jinja.TemplateException if it cannot be read
     */
    public ChatTemplate(String name, String source, Map<String, String> special) {
        template = JinjaTemplate.read(name, source);
        values.put("tools", null);
        values.put("documents", null);
        values.putAll(special);
    }

    /**
     * A talk as one text.
     *
     * @param messages each with {@code role} and {@code content}, and whatever else it has
     * @param generationPrompt whether the assistant's turn is begun
     */
    public String render(List<? extends Map<String, ?>> messages, boolean generationPrompt) {
        return render(messages, generationPrompt, Map.of()).text();
    }

    /**
     * A talk as one text, with what the model itself wrote in it where the template tells.
     *
     * @param more further values that the template knows, for example {@code tools}
     * @throws org.lowrank.text.jinja.TemplateException with the template's own sentence where it
     *     refuses the talk
     */
    public Rendered render(
            List<? extends Map<String, ?>> messages,
            boolean generationPrompt,
            Map<String, ?> more) {
        var all = new HashMap<>(values);
        all.putAll(more);
        all.put("messages", messages);
        all.put("add_generation_prompt", generationPrompt);
        return template.render(all, LocalDateTime.now());
    }
}
