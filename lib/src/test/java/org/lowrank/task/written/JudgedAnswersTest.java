package org.lowrank.task.written;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.lowrank.data.score.judge.MtBenchAnswer;
import org.lowrank.data.score.judge.MtBenchQuestion;
import org.lowrank.golden.GoldenFiles;
import org.lowrank.model.LetterModel;
import org.lowrank.model.generate.Generation;
import org.lowrank.model.generate.LanguageModel;
import org.lowrank.text.Prompting;

/** Answers to MT-bench's questions. */
@Isolated
class JudgedAnswersTest {

    @TempDir private Path root;

    @AfterEach
    void forget() {
        System.clearProperty("lowrank.data");
    }

    /** The second sixteen hold questions of two temperatures. */
    @Test
    void answersWrittenTogetherAreThoseOfEachQuestionAtItsOwnTemperature() throws Exception {
        var file = GoldenFiles.path("data/mtbench/question.jsonl"); // skips where it is not at hand
        System.setProperty("lowrank.data", GoldenFiles.path("data").toString());
        LetterModel.write(root.resolve("model"), 3);
        var how = Generation.greedy(6).withSeed(5);
        try (var model = LanguageModel.open(root.resolve("model").toString())) {
            var kept = root.resolve("talks.jsonl");
            var score =
                    new JudgedAnswers("letters", Optional.empty())
                            .score(
                                    model,
                                    how,
                                    24,
                                    Optional.empty(),
                                    root,
                                    new AnswerLog(kept, done -> {}));
            assertEquals(24, score.rows());
            var answers = MtBenchAnswer.read(root.resolve("model_answer/letters.jsonl"));
            var questions = MtBenchQuestion.read(file).subList(0, 24);
            var prompt = Prompting.usual(model.tokenizer());
            for (int i = 0; i < questions.size(); i++) {
                var question = questions.get(i);
                var alone =
                        model.generator()
                                .write(
                                        List.of(
                                                Prompting.ids(
                                                        prompt,
                                                        question.turns().get(0),
                                                        model.tokenizer())),
                                        how.withTemperature(question.temperature()));
                assertEquals(question.id(), answers.get(i).questionId());
                assertEquals(
                        alone.strings().get(0), answers.get(i).turns().get(0), "question " + i);
            }
        }
    }
}
