package org.lowrank.task.words;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.lowrank.config.Option;
import org.lowrank.config.OptionValues;
import org.lowrank.config.Problems;
import org.lowrank.data.LabelPrompt;
import org.lowrank.data.score.ClassMetric;
import org.lowrank.data.score.WordMetric;
import org.lowrank.data.source.NeededFile;
import org.lowrank.model.PretrainedModel;
import org.lowrank.model.block.Autoregressive;
import org.lowrank.model.block.CausalModel;
import org.lowrank.model.block.EncoderDecoder;
import org.lowrank.task.Task;
import org.lowrank.task.TaskConfig;
import org.lowrank.task.TaskContext;
import org.lowrank.task.Tasks;
import org.lowrank.task.TextSource;
import org.lowrank.task.instruction.InstructionTuning;

/**
 * Classes as words: a model that writes is given a text in a prompt and learns to write the word of
 * its class (Raffel et al., arXiv 1910.10683, section 2.4). The loss is taken of the word's tokens
 * and of the one that ends it. An encoder-decoder reads the prompt; a decoder goes on from it.
 * Scored by {@link WordMetric}: what the model writes, which word it finds likelier, or as LoRA-GA
 * counts.
 *
 * @param source where the rows come from
 * @param prompt words around a row, and the words of the classes
 */
public record TextToText(TextSource source, LabelPrompt prompt) implements Task {

    /** The share of the largest class of the rows that are scored: always saying its word. */
    public static final String MAJORITY = "majority";

    /** A name among published prompts, or a text of one's own. */
    static final Option<String> PROMPT =
            new Option<>(
                    "prompt",
                    String.class,
                    "lora_ga",
                    "a text",
                    text -> true,
                    "lora_ga, lora_pro, or a text with {first} and perhaps {second}");

    /** Words of one's own. */
    static final Option<String> WORDS =
            new Option<>(
                    "words",
                    String.class,
                    "",
                    "a text",
                    text -> true,
                    "of the classes, in their order, with commas between; empty: those of the"
                            + " prompt, or lora_ga's");

    /** What it takes beside the fields of every task. */
    public static final List<Option<?>> OPTIONS = List.of(PROMPT, WORDS);

    /**
     * The task with prompt and words as options say.
     *
     * @param published prompts by name
     */
    public static TextToText of(
            TextSource source, Map<String, LabelPrompt> published, OptionValues options) {
        var named = new TreeMap<>(published).get(options.get(PROMPT));
        var usual = published.get(PROMPT.unset());
        var words =
                options.get(WORDS).isEmpty()
                        ? (named == null ? usual : named).words()
                        : Arrays.asList(options.get(WORDS).split(","));
        if (words.size() != usual.words().size()) {
            throw new IllegalArgumentException(
                    "words names %d classes, the task has %d: %s"
                            .formatted(words.size(), usual.words().size(), usual.words()));
        }
        if (named == null && !options.get(PROMPT).contains("{")) {
            throw new IllegalArgumentException(
                    "prompt \"%s\" is none of %s and no text with {first}"
                            .formatted(options.get(PROMPT), new TreeMap<>(published).keySet()));
        }
        var text = named == null ? options.get(PROMPT) : named.text();
        return new TextToText(source, new LabelPrompt(text, words));
    }

    @Override
    public List<String> metrics() {
        var metrics =
                new ArrayList<>(
                        List.of(
                                WordMetric.LIKELIHOOD.label(),
                                WordMetric.EXACT_MATCH.label(),
                                WordMetric.SOFT.label(),
                                InstructionTuning.NLL,
                                ClassMetric.MATTHEWS.label(),
                                MAJORITY));
        if (prompt.words().size() == 2) {
            metrics.add(ClassMetric.F1.label());
        }
        return metrics;
    }

    @Override
    public void checkModel(String model, Problems problems) {
        Tasks.checkModel(model, List.of(CausalModel.class, EncoderDecoder.class), problems);
    }

    @Override
    public List<NeededFile> files() {
        return source.files();
    }

    @Override
    public void check(TaskConfig config, Problems problems) {
        problems.atLeast("task.max_length", config.maxLength(), 8);
    }

    @Override
    public OpenTextToText open(TaskConfig config, TaskContext context) throws IOException {
        var data = source.load(config);
        if (data.train().hasPairs() != prompt.isOfPairs()) {
            throw new IllegalArgumentException(
                    "%s has rows of %s, but the prompt \"%s\" is for %s"
                            .formatted(
                                    config.name(),
                                    data.train().hasPairs() ? "two texts" : "one text",
                                    prompt.text(),
                                    prompt.isOfPairs() ? "two" : "one"));
        }
        try (var opened = context.open()) {
            var tokenizer = opened.tokenizer();
            try {
                var model = load(opened, context);
                if (config.maxLength() > model.positions()) {
                    throw new IllegalArgumentException(
                            "task.max_length %d is more than the %d positions of the model"
                                    .formatted(config.maxLength(), model.positions()));
                }
                var words = new PromptTokens(tokenizer, prompt, model, config.maxLength());
                return new OpenTextToText(
                        new OpenTextToText.Parts(
                                model, tokenizer, words, data, TaskContext.facts(opened)),
                        context);
            } catch (IOException | RuntimeException e) {
                tokenizer.close();
                throw e;
            }
        }
    }

    private static Autoregressive load(PretrainedModel opened, TaskContext context)
            throws IOException {
        return opened.can(EncoderDecoder.class)
                ? opened.load(EncoderDecoder.class, context.load(), context.owner())
                : opened.load(CausalModel.class, context.load(), context.owner());
    }
}
