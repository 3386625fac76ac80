package org.lowrank.data.score.judge;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.lowrank.config.Json;

/**
 * Has a judge grade the first turn of MT-bench answers, as both papers do.
 *
 * @param endpoint the judge
 * @param plain how it is asked
 * @param withReference how it is asked about mathematics, reasoning and code
 */
public record Judge(ChatEndpoint endpoint, JudgePrompt plain, JudgePrompt withReference) {

    private static final int TURN = 1;

    /**
     * Judges every answer that the file does not hold a judgment of yet; each judgment is in the
     * file before the next is asked for, so that a run that ended early goes on where it was. An
     * unfinished last line, left by a kill, is taken off.
     *
     * @param references reference answers, by which mathematics, reasoning and code are judged
     * @param file {@code model_judgment/JUDGE_single.jsonl}; made if it is not there
     * @return all judgments of these answers by this judge, in the order of the answers
     * @throws JudgeException if the judge gives no answer
     * @throws IllegalArgumentException if an answer has no question, or a question no reference
     */
    public List<Judgment> judge(
            List<MtBenchQuestion> questions,
            List<MtBenchAnswer> answers,
            List<MtBenchAnswer> references,
            Path file)
            throws IOException, InterruptedException {
        var byId = questions.stream().collect(Collectors.toMap(MtBenchQuestion::id, q -> q));
        var reference = new HashMap<Integer, String>();
        references.forEach(r -> reference.put(r.questionId(), r.turns().get(0)));
        answers.forEach(answer -> requireJudgeable(answer, byId, reference));
        finishLastLine(file);
        var done = new HashMap<Key, Judgment>();
        if (Files.exists(file)) {
            Judgment.read(file).forEach(judgment -> done.put(Key.of(judgment), judgment));
        }
        var wanted = new HashSet<Key>();
        var result = new ArrayList<Judgment>();
        for (var answer : answers) {
            var question = byId.get(answer.questionId());
            var prompt = question.needsReference() ? withReference : plain;
            var key = new Key(question.id(), answer.modelId(), names(prompt), TURN);
            if (!wanted.add(key)) {
                throw new IllegalArgumentException(
                        answer.modelId() + " answers question " + question.id() + " twice");
            }
            var judgment = done.get(key);
            if (judgment == null) {
                judgment = ask(question, answer, prompt, reference.get(question.id()));
                append(file, judgment);
            }
            result.add(judgment);
        }
        return List.copyOf(result);
    }

    /** What makes two judgments the same. */
    private record Key(int question, String model, List<String> judge, int turn) {
        static Key of(Judgment judgment) {
            return new Key(
                    judgment.questionId(), judgment.model(), judgment.judge(), judgment.turn());
        }
    }

    private Judgment ask(
            MtBenchQuestion question, MtBenchAnswer answer, JudgePrompt prompt, String reference)
            throws IOException, InterruptedException {
        var values = new HashMap<String, String>();
        values.put("question", question.turns().get(0));
        values.put("answer", answer.turns().get(0));
        values.put("ref_answer_1", reference);
        var shown = prompt.filled(values);
        var words = endpoint.reply(prompt.system(), shown);
        return new Judgment(
                question.id(),
                answer.modelId(),
                names(prompt),
                shown,
                words,
                Judgment.rating(words),
                TURN,
                System.currentTimeMillis() / 1000.0);
    }

    private List<String> names(JudgePrompt prompt) {
        return List.of(endpoint.model(), prompt.name());
    }

    private static void requireJudgeable(
            MtBenchAnswer answer,
            Map<Integer, MtBenchQuestion> questions,
            Map<Integer, String> references) {
        var id = answer.questionId();
        var question = questions.get(id);
        if (question == null) {
            throw new IllegalArgumentException(
                    answer.modelId() + " answers question " + id + ", which there is not");
        }
        if (answer.turns().isEmpty()) {
            throw new IllegalArgumentException(
                    answer.modelId() + " has no turn for question " + id);
        }
        if (question.needsReference() && !references.containsKey(id)) {
            throw new IllegalArgumentException(
                    "question %s (%s) is judged by a reference answer, and none is given"
                            .formatted(id, question.category()));
        }
    }

    private static void append(Path file, Judgment judgment) throws IOException {
        if (file.toAbsolutePath().getParent() != null) {
            Files.createDirectories(file.toAbsolutePath().getParent());
        }
        Files.writeString(
                file,
                Json.line(judgment) + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    /** A last line without its end is ended if it is whole, else taken off. */
    private static void finishLastLine(Path file) throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        var bytes = Files.readAllBytes(file);
        var end = bytes.length;
        while (end > 0 && bytes[end - 1] != '\n') {
            end--;
        }
        if (end == bytes.length) {
            return;
        }
        var tail = Arrays.copyOfRange(bytes, end, bytes.length);
        try {
            Json.mapper().readTree(tail);
            Files.writeString(file, "\n", StandardOpenOption.APPEND);
        } catch (JsonProcessingException e) {
            try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(end);
            }
        }
    }
}
