package org.lowrank.task.instruction;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import org.lowrank.data.instruction.Sampling;
import org.lowrank.model.LoadOptions;
import org.lowrank.task.Part;
import org.lowrank.task.TaskConfig;
import org.lowrank.task.TaskContext;
import org.lowrank.task.TinyLlama;

/** What a small decoder is scored by, whatever it is trained on. */
class InstructionTuningTest {

    @TempDir private Path root;

    private OpenInstructions open(Sampling.Loss loss, boolean packed, NDManager manager)
            throws IOException {
        var source =
                new InstructionFiles(
                        root.resolve("train.jsonl").toString(),
                        "",
                        "",
                        InstructionFiles.Broken.REFUSE);
        return new InstructionTuning(
                        source,
                        "question",
                        loss,
                        Sampling.TooLong.LEAVE_OUT,
                        packed,
                        false,
                        InstructionTuning.Judged.BY_LIKELIHOOD,
                        8)
                .open(
                        new TaskConfig("sums", 0, 8, 0, 24, 1L),
                        new TaskContext(
                                root.resolve("model").toString(),
                                LoadOptions.PLAIN,
                                4,
                                1,
                                manager));
    }

    @Test
    void answersAloneAreScoredThoughThePromptIsTrainedOn() throws IOException {
        TinyLlama.write(root.resolve("model"));
        var lines = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            var record = Map.of("prompt", i % 8 + "+" + i / 8, "completion", "" + (i % 8 + i / 8));
            lines.append(Json.line(record)).append("\n");
        }
        Files.writeString(root.resolve("train.jsonl"), lines);
        try (var manager = NDManager.newBaseManager();
                var answer = open(Sampling.Loss.ANSWER, false, manager);
                var whole = open(Sampling.Loss.WHOLE, false, manager);
                var packed = open(Sampling.Loss.WHOLE, true, manager)) {
            for (var part : Part.values()) {
                var expected = answer.score(part, answer.trivial(part));
                for (var other : List.of(whole, packed)) {
                    assertEquals(expected, other.score(part, other.trivial(part)), part.name());
                }
            }
            assertTrue(answer.example().indexOf('⟦') > 0, answer.example());
            assertEquals(0, whole.example().indexOf('⟦'), whole.example());
            long masked = (long) answer.facts().get("train_answer_tokens");
            long all = (long) whole.facts().get("train_answer_tokens");
            assertTrue(all > 2 * masked, all + " " + masked);
        }
    }
}
