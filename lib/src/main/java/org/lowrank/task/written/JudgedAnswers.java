package org.lowrank.task.written;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.lowrank.data.score.judge.Judge;
import org.lowrank.data.score.judge.Judgment;
import org.lowrank.data.score.judge.MtBenchAnswer;
import org.lowrank.data.score.judge.MtBenchQuestion;
import org.lowrank.data.source.DataRoot;
import org.lowrank.model.generate.Generation;
import org.lowrank.model.generate.LanguageModel;
import org.lowrank.task.written.WrittenScore.Metric;
import org.lowrank.text.Prompting;

/**
 * MT-bench (Zheng et al. 2023, arXiv 2306.05685), its first turn as both papers report it: answers
 * in FastChat's file format, and their judgments where a judge is given.
 *
 * @param modelId what the answers are filed under
 * @param prompt how the model is asked; empty for what is usual for it
 */
public record JudgedAnswers(String modelId, Optional<String> prompt) {

    /** Tokens of an answer, as FastChat has it. */
    public static final int NEW_TOKENS = 1024;

    private static final String SET = "mt-bench";

    /**
     * Has the questions answered into {@code model_answer/MODEL.jsonl} and judged into {@code
     * model_judgment/JUDGE_single.jsonl}; answers and judgments that are there stay.
     *
     * @param how drawn at the temperature that FastChat has for the question's category
     * @param rows the first so many questions; 0 for all
     */
    public WrittenScore score(
            LanguageModel model,
            Generation how,
            int rows,
            Optional<Judge> judge,
            Path folder,
            AnswerLog log)
            throws IOException, InterruptedException {
        var root = DataRoot.ofThisMachine();
        var all = MtBenchQuestion.read(root.file("mtbench/question.jsonl", SET));
        var questions = all.subList(0, rows == 0 ? all.size() : Math.min(rows, all.size()));
        var answers = answers(model, how, questions, log);
        var file = folder.resolve("model_answer").resolve(modelId + ".jsonl");
        Files.createDirectories(file.getParent());
        MtBenchAnswer.write(file, answers);
        var metrics = WrittenScore.of(Optional.empty());
        var facts = new LinkedHashMap<String, Object>();
        facts.put("answers", file);
        if (judge.isEmpty()) {
            facts.put("judged by", "nobody; a judge is named by --judge and --judge-model");
            return new WrittenScore(questions.size(), metrics, facts);
        }
        var references = MtBenchAnswer.read(root.file("mtbench/reference_answer_gpt-4.jsonl", SET));
        var name = judge.get().endpoint().model();
        var judgments =
                judge.get()
                        .judge(
                                questions,
                                answers,
                                references,
                                folder.resolve("model_judgment")
                                        .resolve(
                                                name.replaceAll("[^\\w.-]", "_")
                                                        + "_single.jsonl"));
        var score = Judgment.score(judgments, modelId, 1);
        metrics.put("mt_bench_first_turn", Metric.plain(score.mean()));
        facts.put("judged by", name + ", in the words of " + judge.get().plain().name());
        facts.put("without a rating", score.malformed());
        return new WrittenScore(questions.size(), metrics, facts);
    }

    private List<MtBenchAnswer> answers(
            LanguageModel model, Generation how, List<MtBenchQuestion> questions, AnswerLog log)
            throws IOException {
        var named = prompt.orElseGet(() -> Prompting.usual(model.tokenizer()));
        var texts =
                log.texts(
                        (prompts, first) -> {
                            var some = questions.subList(first, first + prompts.size());
                            return write(model, how, some, prompts);
                        },
                        questions.stream()
                                .map(q -> Prompting.ids(named, q.turns().get(0), model.tokenizer()))
                                .toList());
        var answers = new ArrayList<MtBenchAnswer>();
        for (int i = 0; i < texts.size(); i++) {
            answers.add(
                    new MtBenchAnswer(
                            questions.get(i).id(),
                            modelId,
                            List.of(texts.get(i)),
                            System.currentTimeMillis() / 1000.0));
        }
        return answers;
    }

    /** Questions of one temperature are answered together. */
    private static List<String> write(
            LanguageModel model, Generation how, List<MtBenchQuestion> asked, List<int[]> prompts) {
        var texts = new String[prompts.size()];
        IntStream.range(0, texts.length)
                .boxed()
                .collect(Collectors.groupingBy(i -> asked.get(i).temperature()))
                .forEach(
                        (temperature, rows) -> {
                            var written =
                                    model.generator()
                                            .write(
                                                    rows.stream().map(prompts::get).toList(),
                                                    how.withTemperature(temperature))
                                            .strings();
                            for (int i = 0; i < rows.size(); i++) {
                                texts[rows.get(i)] = written.get(i);
                            }
                        });
        return List.of(texts);
    }
}
