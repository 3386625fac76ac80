package org.lowrank.data.score.judge;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.lowrank.config.Json;
import org.lowrank.data.score.SetFile;

/**
 * A model's answer, or a reference answer.
 *
 * @param questionId the question's number
 * @param modelId who answers
 * @param turns the answers of the first choice, one a turn
 * @param seconds when it was written, in seconds since 1970
 */
public record MtBenchAnswer(int questionId, String modelId, List<String> turns, double seconds) {

    /** Reads {@code model_answer/MODEL.jsonl} or {@code reference_answer/gpt-4.jsonl}. */
    public static List<MtBenchAnswer> read(Path file) throws IOException {
        return SetFile.read(
                file,
                record ->
                        new MtBenchAnswer(
                                SetFile.whole(record, "question_id"),
                                SetFile.text(record, "model_id"),
                                SetFile.texts(record.path("choices").path(0), "turns"),
                                record.path("tstamp").asDouble()));
    }

    /** Writes answers so that FastChat reads them. */
    public static void write(Path file, List<MtBenchAnswer> answers) throws IOException {
        Files.write(file, answers.stream().map(MtBenchAnswer::line).toList());
    }

    private String line() {
        var names = questionId + " " + modelId + " " + turns;
        var id = UUID.nameUUIDFromBytes(names.getBytes(StandardCharsets.UTF_8));
        var node = Json.mapper().createObjectNode();
        node.put("question_id", questionId).put("answer_id", id.toString());
        node.put("model_id", modelId);
        var choice = Map.of("index", 0, "turns", turns);
        node.set("choices", Json.mapper().valueToTree(List.of(choice)));
        return Json.line(node.put("tstamp", seconds));
    }
}
