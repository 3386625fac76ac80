package org.lowrank.task.instruction;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.lowrank.config.Option;
import org.lowrank.config.OptionValues;
import org.lowrank.config.Problems;
import org.lowrank.data.instruction.PaperSet;
import org.lowrank.data.instruction.Sampling;
import org.lowrank.data.score.AnswerRule;
import org.lowrank.data.source.NeededFile;
import org.lowrank.model.block.CausalModel;
import org.lowrank.task.Task;
import org.lowrank.task.TaskConfig;
import org.lowrank.task.TaskContext;
import org.lowrank.task.Tasks;
import org.lowrank.text.PromptTemplate;
import org.lowrank.text.Prompting;
import org.lowrank.text.TextTokenizer;

/**
 * Prompts and their answers with a causal model: cross-entropy of the answers' tokens (LoRA-Pro,
 * arXiv 2407.18242) or of the whole text (as AltLoRA's code has it, arXiv 2505.12455), padded or
 * packed. Scored by the likelihood of held-out answers, which tells methods apart with the least
 * noise, and by what the model writes itself.
 *
 * @param source where the records come from
 * @param prompt words around an instruction, a name or a text of one's own; {@link Prompting#CHAT}
 *     for the model's chat template
 * @param loss which tokens are learned
 * @param tooLong what is done with a record of more than {@code max_length} tokens
 * @param packed whether samples are one stream in blocks of {@code max_length}
 * @param byLayer whether the graph of one layer is kept at a time
 * @param judged how the answers that the model writes are judged
 * @param newTokens the most tokens of an answer that the model writes
 */
public record InstructionTuning(
        InstructionSource source,
        String prompt,
        Sampling.Loss loss,
        Sampling.TooLong tooLong,
        boolean packed,
        boolean byLayer,
        Judged judged,
        int newTokens)
        implements Task {

    /** Nats a token of the answers, their end among them; the metric of tables. */
    public static final String NLL = "answer_nll";

    static final String PERPLEXITY = "perplexity";
    static final String EXACT_MATCH = "exact_match";

    /** How the answers that the model writes to the test prompts are judged. */
    public enum Judged {
        /** Not at all: nothing is written. */
        BY_LIKELIHOOD,
        /** By their text. */
        BY_TEXT,
        /** By their text, their last number, and the value of their calculation. */
        BY_NUMBER(AnswerRule.LAST_NUMBER, AnswerRule.EXPRESSION),
        /** By their text, and the rules that the papers' numbers for GSM8K come from. */
        AS_PUBLISHED(AnswerRule.LORA_PRO, AnswerRule.STRICT_MATCH, AnswerRule.LAST_NUMBER);

        private final List<AnswerRule> rules;

        Judged(AnswerRule... rules) {
            this.rules = List.of(rules);
        }

        /** What is asked of a number in an answer; none where texts are compared. */
        List<AnswerRule> rules() {
            return rules;
        }
    }

    static final Option<String> PROMPT =
            text(
                    "prompt",
                    PromptTemplate.PLAIN.name(),
                    "chat (the model's template), plain, alpaca, llm_adapters, question, lora_ga,"
                            + " altlora, or a text with {instruction} and perhaps {input}");

    static final Option<Sampling.Loss> LOSS =
            Option.choice("loss", Sampling.Loss.ANSWER, Sampling.Loss.class, "tokens learned");

    static final Option<Sampling.TooLong> TOO_LONG =
            Option.choice(
                    "too_long",
                    Sampling.TooLong.LEAVE_OUT,
                    Sampling.TooLong.class,
                    "what is done with a record of more than max_length tokens");

    static final Option<Boolean> PACKED =
            Option.flag("packed", false, "one stream in blocks of max_length tokens");

    static final Option<Boolean> BY_LAYER =
            Option.flag("by_layer", false, "the graph of one layer at a time: less memory");

    static final Option<Judged> JUDGED =
            Option.choice(
                    "judged", Judged.BY_LIKELIHOOD, Judged.class, "how written answers are judged");

    static final Option<Integer> NEW_TOKENS =
            Option.whole("new_tokens", 64, "1 or more", n -> n > 0, "tokens of a written answer");

    private static final List<Option<?>> COMMON =
            List.of(PROMPT, LOSS, TOO_LONG, PACKED, BY_LAYER, JUDGED, NEW_TOKENS);

    private static Option<String> text(String name, String unset, String meaning) {
        return new Option<>(name, String.class, unset, "a text", text -> true, meaning);
    }

    /** Options of a task over files. */
    static List<Option<?>> ofFiles() {
        return Option.all(InstructionFiles.options(), COMMON);
    }

    static InstructionTuning ofFiles(OptionValues options) {
        return of(InstructionFiles.of(options), options);
    }

    /** Options of a task over published sets of word problems. */
    static List<Option<?>> ofSets() {
        return Option.all(
                COMMON,
                List.of(
                        text("prompt", PromptTemplate.QUESTION.name(), PROMPT.meaning()),
                        Option.choice("judged", Judged.BY_NUMBER, Judged.class, JUDGED.meaning())));
    }

    static final Option<PaperSet.Selection> SELECTION =
            Option.choice(
                    "selection",
                    PaperSet.Selection.LORA_PRO,
                    PaperSet.Selection.class,
                    "which rows, and what of an answer");

    /** Options of a task over the papers' instruction sets. */
    static List<Option<?>> ofPapers(boolean numbers) {
        return Option.all(
                COMMON,
                List.of(
                        SELECTION,
                        text("prompt", PromptTemplate.ALPACA.name(), PROMPT.meaning()),
                        Option.choice(
                                "judged",
                                numbers ? Judged.AS_PUBLISHED : Judged.BY_LIKELIHOOD,
                                Judged.class,
                                JUDGED.meaning()),
                        NEW_TOKENS.unset(512)));
    }

    static InstructionTuning of(InstructionSource source, OptionValues options) {
        return new InstructionTuning(
                source,
                options.get(PROMPT),
                options.get(LOSS),
                options.get(TOO_LONG),
                options.get(PACKED),
                options.get(BY_LAYER),
                options.get(JUDGED),
                options.get(NEW_TOKENS));
    }

    /** Padded, the loss on the answer, what is too long left out, judged by likelihood. */
    public static InstructionTuning on(InstructionSource source, String prompt) {
        return new InstructionTuning(
                source,
                prompt,
                LOSS.unset(),
                TOO_LONG.unset(),
                false,
                false,
                JUDGED.unset(),
                NEW_TOKENS.unset());
    }

    @Override
    public List<String> metrics() {
        var metrics = new ArrayList<>(List.of(NLL, PERPLEXITY));
        if (judged != Judged.BY_LIKELIHOOD) {
            metrics.add(EXACT_MATCH);
        }
        judged.rules().forEach(rule -> metrics.add(rule.label()));
        return metrics;
    }

    @Override
    public boolean isLoss(String metric) {
        return metric.equals(NLL) || metric.equals(PERPLEXITY);
    }

    /** What is judged by what the model writes, since it writes to the test prompts alone. */
    @Override
    public boolean isOfTestAlone(String metric) {
        return !isLoss(metric);
    }

    @Override
    public void checkModel(String model, Problems problems) {
        Tasks.checkModel(model, CausalModel.class, problems);
    }

    @Override
    public List<NeededFile> files() {
        return source == null ? List.of() : source.files();
    }

    @Override
    public void check(TaskConfig config, Problems problems) {
        problems.require(source != null, "task.options.train", "is missing: the training records");
        problems.atLeast("task.max_length", config.maxLength(), 2);
        if (!prompt.equals(Prompting.CHAT)) {
            try {
                Prompting.template(prompt);
            } catch (IllegalArgumentException e) {
                problems.require(false, "task.options.prompt:", e.getMessage());
            }
        }
    }

    /** How records become tokens; talks are rendered by the model's chat template if it has one. */
    Sampling sampling(TextTokenizer tokenizer, int maxLength) {
        boolean needed = prompt.equals(Prompting.CHAT);
        var chat =
                needed || tokenizer.chatTemplate("default").isPresent() ? tokenizer.chat() : null;
        var words = needed ? PromptTemplate.PLAIN : Prompting.template(prompt);
        return new Sampling(words, chat, loss, tooLong, maxLength);
    }

    @Override
    public OpenInstructions open(TaskConfig config, TaskContext context) throws IOException {
        return open(config, context, plain -> plain);
    }

    /** Opened with other texts. */
    OpenInstructions open(
            TaskConfig config, TaskContext context, OpenInstructions.Rewording reworded)
            throws IOException {
        try (var opened = context.open()) {
            var tokenizer = opened.tokenizer();
            try {
                var sampling = sampling(tokenizer, config.maxLength());
                var splits =
                        InstructionSplits.read(
                                source, prompt.equals(Prompting.CHAT), config, sampling, tokenizer);
                requireNumbers(splits.test());
                var model = opened.load(CausalModel.class, context.load(), context.owner());
                requireRoom(config, model);
                var parts =
                        new OpenInstructions.Parts(
                                model, tokenizer, sampling, splits, TaskContext.facts(opened));
                return new OpenInstructions(this, reworded.of(parts), context);
            } catch (IOException | RuntimeException e) {
                tokenizer.close();
                throw e;
            }
        }
    }

    private void requireNumbers(AnswerRows test) {
        if (!judged.rules().isEmpty()) {
            for (var record : test.records()) {
                try {
                    AnswerRule.LAST_NUMBER.of("", record.answer());
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException(
                            "%s, line %d: %s; such answers are judged by_text"
                                    .formatted(test.name(), record.line(), e.getMessage()),
                            e);
                }
            }
        }
    }

    /** The most tokens that the model writes to a prompt. */
    int written() {
        return judged == Judged.BY_LIKELIHOOD ? 0 : newTokens;
    }

    private void requireRoom(TaskConfig config, CausalModel model) {
        int longest = config.maxLength() + written();
        if (longest > model.positions()) {
            throw new IllegalArgumentException(
                    "task.max_length %d%s is more than the %d positions of the model"
                            .formatted(
                                    config.maxLength(),
                                    judged == Judged.BY_LIKELIHOOD
                                            ? ""
                                            : " and new_tokens " + newTokens,
                                    model.positions()));
        }
    }
}
