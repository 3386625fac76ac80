package org.lowrank.task.written;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.lowrank.data.instruction.Instruction;
import org.lowrank.data.instruction.MathQuestion;
import org.lowrank.data.instruction.MathSet;
import org.lowrank.data.score.AnswerRule;
import org.lowrank.data.score.AnswerScore;
import org.lowrank.data.score.FewShot;
import org.lowrank.data.source.DataRoot;
import org.lowrank.model.generate.Generation;
import org.lowrank.model.generate.LanguageModel;
import org.lowrank.task.instruction.HarnessQuestions;
import org.lowrank.task.written.WrittenScore.Metric;
import org.lowrank.text.Prompting;

/**
 * Sets of word problems. GSM8K is asked with five worked examples before each question, as task
 * {@code gsm8k} of lm-evaluation-harness does (AltLoRA, arXiv 2505.12455), or without any in a
 * prompt of its own (LoRA-Pro, arXiv 2407.18242); the others as LLM-Adapters (arXiv 2304.01933).
 */
public enum WordProblems {
    GSM8K(
            MathSet.GSM8K_TEST,
            FewShot.NEW_TOKENS,
            AnswerRule.STRICT_MATCH,
            AnswerRule.FLEXIBLE_EXTRACT,
            AnswerRule.LORA_PRO,
            AnswerRule.NUMBER),
    MAWPS(MathSet.MAWPS_TEST),
    ADDSUB(MathSet.ADD_SUB),
    MULTIARITH(MathSet.MULTI_ARITH),
    SINGLEEQ(MathSet.SINGLE_EQ),
    SVAMP(MathSet.SVAMP);

    private final MathSet set;
    private final int newTokens;
    private final List<AnswerRule> rules;

    WordProblems(MathSet set, int newTokens, AnswerRule... rules) {
        this.set = set;
        this.newTokens = newTokens;
        this.rules = List.of(rules);
    }

    WordProblems(MathSet set) {
        this(set, 128, AnswerRule.LAST_NUMBER, AnswerRule.EXPRESSION, AnswerRule.NUMBER);
    }

    /** The set of a name, in any case; empty if there is none. */
    public static Optional<WordProblems> named(String name) {
        return Arrays.stream(values()).filter(s -> s.toString().equalsIgnoreCase(name)).findFirst();
    }

    /** Tokens of an answer that the set is usually given. */
    public int newTokens() {
        return newTokens;
    }

    /** Worked examples that the set is usually asked with. */
    public int shots() {
        return this == GSM8K ? FewShot.SHOTS : 0;
    }

    /**
     * Puts the questions and judges the answers.
     *
     * @param prompt how it is asked where no worked examples are given; empty for what is usual
     * @param shots worked examples before each question; more than 0 for GSM8K alone
     * @param rows the first so many questions; 0 for all
     */
    public WrittenScore score(
            LanguageModel model,
            Generation how,
            Optional<String> prompt,
            int shots,
            int rows,
            AnswerLog log)
            throws IOException {
        if (shots > 0 && this != GSM8K) {
            throw new IllegalArgumentException(this + " has no worked examples; say --shots 0");
        }
        var root = DataRoot.ofThisMachine();
        var all = set.read(root);
        var asked = all.subList(0, rows == 0 ? all.size() : Math.min(rows, all.size()));
        var named = prompt.orElseGet(() -> Prompting.usual(model.tokenizer()));
        var questions =
                shots > 0
                        ? Questions.of(
                                set.path(),
                                HarnessQuestions.of(root, asked, shots),
                                HarnessQuestions.WORDS,
                                model)
                        : Questions.of(
                                set.path(),
                                asked.stream().map(this::record).toList(),
                                named,
                                model);
        var stopping = shots > 0 ? stopping(how) : how;
        var texts = log.texts(model.generator(), questions.prompts(), stopping);
        var references = asked.stream().map(this::reference).toList();
        var metrics = WrittenScore.of(questions.likelihood());
        var facts = new LinkedHashMap<String, Object>();
        facts.put("prompt", shots > 0 ? shots + " worked examples" : named);
        for (var rule : rules) {
            var score = AnswerScore.of(rule, texts, references);
            metrics.put(rule.label(), Metric.share(score.accuracy(), asked.size()));
            facts.put("without an answer by " + rule.label(), score.none());
        }
        return new WrittenScore(asked.size(), metrics, facts);
    }

    private static Generation stopping(Generation how) {
        var stops = new ArrayList<>(how.stopTexts());
        stops.addAll(FewShot.STOPS);
        return how.withStopTexts(stops.toArray(String[]::new));
    }

    private Instruction record(MathQuestion question) {
        return this == GSM8K ? question.worked() : question.calculated();
    }

    private String reference(MathQuestion question) {
        return this == GSM8K ? question.solution() : question.answer();
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
