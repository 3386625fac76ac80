package org.lowrank.task.instruction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.config.Json;
import org.lowrank.config.Problems;
import org.lowrank.model.LoadOptions;
import org.lowrank.task.Part;
import org.lowrank.task.Task;
import org.lowrank.task.TaskConfig;
import org.lowrank.task.TaskContext;
import org.lowrank.task.TinyLlama;

/** What a small decoder is asked in its chat template, beside the same rows in plain words. */
class InChatTemplateTest {

    private static final TaskConfig CONFIG = new TaskConfig("sums", 20, 8, 0, 24, 1L);

    @TempDir private Path root;

    private InstructionTuning asked(String prompt) {
        return InstructionTuning.on(
                new InstructionFiles(
                        root.resolve("train.jsonl").toString(),
                        "",
                        "",
                        InstructionFiles.Broken.REFUSE),
                prompt);
    }

    private OpenInstructions open(Task task, NDManager manager) throws IOException {
        var context =
                new TaskContext(root.resolve("model").toString(), LoadOptions.PLAIN, 4, 5, manager);
        return (OpenInstructions) task.open(CONFIG, context);
    }

    private static List<Integer> lines(OpenInstructions open, Part part) {
        return open.records(part).stream().map(r -> r.line()).toList();
    }

    @Test
    void theRowsAreThoseOfTheTaskThoughTheTemplateAddsTokens() throws IOException {
        TinyLlama.write(root.resolve("model"));
        Files.writeString(
                root.resolve("model").resolve("chat_template.jinja"),
                "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}\n{% endfor %}"
                        + "{% if add_generation_prompt %}<|assistant|>{% endif %}");
        var lines = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            // every third is longer than the others, so that max_length leaves some out
            var asked = (i % 8 + "+").repeat(i % 3 == 0 ? 9 : 1) + i / 8;
            lines.append(Json.line(Map.of("prompt", asked, "completion", "" + i))).append("\n");
        }
        Files.writeString(root.resolve("train.jsonl"), lines);
        try (var manager = NDManager.newBaseManager();
                var plain = open(asked("question"), manager);
                var chat = open(new InChatTemplate(asked("question")), manager)) {
            for (var part : Part.values()) {
                assertEquals(lines(plain, part), lines(chat, part), part.name());
                assertTrue(lines(plain, part).size() < 40, "some are left out");
                assertTrue(chat.tokens(part) > plain.tokens(part));
            }
            assertNotEquals(
                    plain.score(Part.TEST, plain.trivial(Part.TEST)),
                    chat.score(Part.TEST, chat.trivial(Part.TEST)));
            assertTrue(chat.example().contains("user"), chat.example());
        }
        var problems = new Problems("");
        new InChatTemplate(asked("chat")).check(CONFIG, problems);
        assertTrue(problems.list().toString().contains("task.options.prompt is chat"));
    }
}
