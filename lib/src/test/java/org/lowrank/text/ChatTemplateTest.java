package org.lowrank.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.lowrank.config.Json;
import org.lowrank.golden.GoldenFiles;
import org.lowrank.text.jinja.TemplateException;

/** Talks as the published library renders them, and the ids that they become. */
class ChatTemplateTest {

    private static final String WITHOUT_BOS =
            "{%- for m in messages -%}{{- '[' ~ m.role ~ ']\\n' ~ (m.content | trim) ~ eos_token"
                    + " -}}{%- endfor -%}{%- if add_generation_prompt -%}{{- '[assistant]\\n' -}}"
                    + "{%- endif -%}";

    private static List<Map<String, Object>> messages(JsonNode talk) {
        return Json.mapper()
                .convertValue(
                        talk.get("messages"), new TypeReference<List<Map<String, Object>>>() {});
    }

    @Test
    void aTalkHasTheBosThatItsTemplateWritesAndNoOther() throws IOException {
        var talk =
                List.of(
                        Map.of("role", "system", "content", "Be brief."),
                        Map.of("role", "user", "content", "What is 2+3? "));
        var folder = GoldenFiles.golden("hf").resolve("tokenizers/bpe_llama3");
        try (var tokenizer = TextTokenizer.ofFolder(folder)) {
            var with =
                    new ChatTemplate(
                            "with", "{{- bos_token -}}" + WITHOUT_BOS, tokenizer.special());
            var without = new ChatTemplate("without", WITHOUT_BOS, tokenizer.special());
            var ids = tokenizer.encodeUnframed(with.render(talk, true));
            assertArrayEquals(new int[] {0, 60, 84}, Arrays.copyOf(ids, 3));
            assertEquals(1, Arrays.stream(ids).filter(id -> id == 0).count());
            assertEquals(39, ids.length);
            ids = tokenizer.encodeUnframed(without.render(talk, true));
            assertArrayEquals(new int[] {60, 84, 90}, Arrays.copyOf(ids, 3));
            assertEquals(0, tokenizer.encode("Question: 2+3?")[0]);
        }
    }

    @Test
    void theTemplatesOwnRefusalNamesTheMessage() {
        var strict =
                new ChatTemplate(
                        "t",
                        "{%- if messages[0].role == 'system' -%}{{- raise_exception('No system') -}}"
                                + "{%- endif -%}{%- for m in messages -%}{%- if (m.role == 'user')"
                                + " != (loop.index0 % 2 == 0) -%}{{- raise_exception('Alternate') -}}"
                                + "{%- endif -%}{{- m.content -}}{%- endfor -%}",
                        Map.of());
        var user = Map.of("role", "user", "content", "a");
        var system = Map.of("role", "system", "content", "b");
        var error =
                assertThrows(
                        TemplateException.class, () -> strict.render(List.of(user, user), false));
        assertEquals("Alternate (message 2 of 2)", error.getMessage());
        error =
                assertThrows(
                        TemplateException.class, () -> strict.render(List.of(system, user), false));
        assertEquals("No system (message 1 of 2)", error.getMessage());
    }

    @Test
    void talksAreThePublishedOnesToTheByte() throws IOException {
        var folder = GoldenFiles.golden("hf").resolve("tokenizers/chat");
        var cases = Json.mapper().readTree(folder.resolve("cases.json").toFile()).get("cases");
        try (var tokenizer = TextTokenizer.ofFolder(folder.resolveSibling("bpe_gpt2"))) {
            for (var talk : cases) {
                published(
                        talk,
                        Files.readString(folder.resolve(talk.get("template").asText())),
                        tokenizer);
            }
        }
    }

    private static void published(JsonNode talk, String source, TextTokenizer tokenizer) {
        var template =
                new ChatTemplate(
                        talk.get("template").asText(),
                        source,
                        Map.of(
                                "bos_token", talk.path("bos_token").asText(),
                                "eos_token", talk.path("eos_token").asText()));
        boolean prompt = talk.path("add_generation_prompt").asBoolean();
        if (!talk.has("rendered")) {
            assertThrows(TemplateException.class, () -> template.render(messages(talk), prompt));
            return;
        }
        var rendered = template.render(messages(talk), prompt, Map.of());
        assertEquals(talk.get("rendered").asText(), rendered.text());
        if (talk.has("ids")) {
            assertArrayEquals(
                    TokenizerGoldenTest.ints(talk.get("ids")),
                    tokenizer.encodeUnframed(rendered.text()));
        }
        if (talk.has("assistant_mask")) {
            var within = tokenizer.within(rendered.text(), rendered.spans());
            var mask = TokenizerGoldenTest.ints(talk.get("assistant_mask"));
            assertEquals(mask.length, within.length);
            for (int i = 0; i < mask.length; i++) {
                assertEquals(mask[i] == 1, within[i], "token " + i);
            }
        }
    }

    @Test
    void smolLm2sTemplateMakesThePublishedTalks() throws IOException {
        var chats =
                Json.mapper().readTree(GoldenFiles.golden("smollm2").resolve("chat.json").toFile());
        var source =
                "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system'"
                        + " %}{{ '<|im_start|>system\\nYou are a helpful AI assistant named SmolLM,"
                        + " trained by Hugging Face<|im_end|>\\n' }}{% endif %}{{'<|im_start|>' +"
                        + " message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}"
                        + "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}"
                        + "{% endif %}";
        var template = new ChatTemplate("SmolLM2", source, Map.of());
        for (var chat : chats) {
            assertEquals(
                    chat.get("text").asText(),
                    template.render(messages(chat), chat.get("add_generation_prompt").asBoolean()));
        }
        assertTrue(chats.size() >= 10);
    }

    /** The templates that others tripped over, where they lie beside the repository. */
    @Test
    void templatesThatSmallerEnginesGetWrong() throws IOException {
        var folder = GoldenFiles.path("cases/33-chat-templates");
        var expected = Json.mapper().readTree(folder.resolve("expected.json").toFile());
        for (var talk : expected.get("cases")) {
            var name = talk.get("template").asText();
            var template =
                    new ChatTemplate(
                            name,
                            Files.readString(folder.resolve(name)),
                            Map.of("bos_token", "<s>", "eos_token", "</s>"));
            boolean prompt = talk.path("add_generation_prompt").asBoolean();
            var more =
                    talk.has("tools")
                            ? Map.of(
                                    "tools",
                                    Json.mapper().convertValue(talk.get("tools"), List.class))
                            : Map.<String, Object>of();
            if (talk.has("rendered")) {
                assertEquals(
                        talk.get("rendered").asText(),
                        template.render(messages(talk), prompt, more).text(),
                        name);
            } else {
                var error =
                        assertThrows(
                                TemplateException.class,
                                () -> template.render(messages(talk), prompt, more));
                assertTrue(
                        error.getMessage().startsWith(talk.get("error").asText())
                                || error.getMessage().contains("'include' is not built"),
                        error.getMessage());
            }
        }
    }
}
