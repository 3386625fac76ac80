package org.lowrank.task.words;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lowrank.data.BatchPlan;
import org.lowrank.data.LabelledTexts;
import org.lowrank.data.TaskData;
import org.lowrank.data.instruction.Sample;
import org.lowrank.data.score.AnswerLikelihood;
import org.lowrank.data.score.ClassMetric;
import org.lowrank.data.score.WordMetric;
import org.lowrank.data.score.WordScores;
import org.lowrank.model.block.Autoregressive;
import org.lowrank.model.block.CausalModel;
import org.lowrank.model.block.EncoderDecoder;
import org.lowrank.model.block.Network;
import org.lowrank.task.OpenTask;
import org.lowrank.task.Part;
import org.lowrank.task.TaskContext;
import org.lowrank.task.instruction.AnswerObjective;
import org.lowrank.task.instruction.InstructionTuning;
import org.lowrank.text.TextTokenizer;
import org.lowrank.train.Objective;

/** {@link TextToText} on a model. */
public final class OpenTextToText implements OpenTask<WordScores> {

    private final Parts parts;
    private final WordReader reader;
    private final AnswerObjective objective;
    private final Map<Part, List<WordReader.Choice>> choices = new EnumMap<>(Part.class);

    /** What it is put together from. */
    record Parts(
            Autoregressive model,
            TextTokenizer tokenizer,
            PromptTokens tokens,
            TaskData data,
            Map<String, Object> modelFacts) {}

    OpenTextToText(Parts parts, TaskContext context) {
        this.parts = parts;
        int padId = parts.tokenizer().padId();
        reader = new WordReader(parts.model(), padId);
        var samples = samples();
        var lengths = samples.stream().mapToInt(Sample::length).toArray();
        var plan = BatchPlan.ofSize(lengths, context.batchSize(), context.seed());
        objective =
                parts.model() instanceof EncoderDecoder model
                        ? new AnswerObjective(model, samples, padId, plan)
                        : new AnswerObjective(
                                (CausalModel) parts.model(), samples, padId, plan, false);
    }

    private List<Sample> samples() {
        var samples = new ArrayList<Sample>();
        var labels = split(Part.TRAIN).labels();
        var given = choices(Part.TRAIN);
        for (int i = 0; i < labels.length; i++) {
            samples.add(PromptTokens.sample(given.get(i), labels[i]));
        }
        return samples;
    }

    List<WordReader.Choice> choices(Part part) {
        return choices.computeIfAbsent(
                part, p -> split(p).examples().stream().map(parts.tokens()::choice).toList());
    }

    /** The rows of a part, in the order of {@link #predict}. */
    public LabelledTexts split(Part part) {
        return part.of(parts.data());
    }

    @Override
    public Optional<String> peftType() {
        return Optional.of(parts.model() instanceof EncoderDecoder ? "SEQ_2_SEQ_LM" : "CAUSAL_LM");
    }

    @Override
    public Network network() {
        return parts.model();
    }

    @Override
    public Objective objective() {
        return objective;
    }

    @Override
    public List<WordScores> predict(Part part) {
        return reader.read(choices(part));
    }

    /** What the model as it came says: zero-shot; to be asked for before it is trained. */
    @Override
    public List<WordScores> trivial(Part part) {
        return predict(part);
    }

    /**
     * The metrics; {@code soft} is not among them where words begin with the same token. Matthews
     * and F1 are of what is said by likelihood. {@link TextToText#MAJORITY} is beside them, since
     * an accuracy near it says nothing.
     */
    @Override
    public Map<String, Double> score(Part part, List<WordScores> said) {
        var split = split(part);
        var truth = Arrays.stream(split.labels()).boxed().toList();
        var scores = new LinkedHashMap<String, Double>();
        for (var metric : WordMetric.values()) {
            if (metric != WordMetric.SOFT || beginApart()) {
                scores.put(metric.label(), metric.of(said, truth));
            }
        }
        var rows = new ArrayList<AnswerLikelihood.Row>();
        for (int i = 0; i < said.size(); i++) {
            int label = truth.get(i);
            var one = said.get(i);
            rows.add(new AnswerLikelihood.Row(-one.words()[label], one.tokens()[label]));
        }
        scores.put(InstructionTuning.NLL, AnswerLikelihood.of(rows).perToken());
        var classes = classes(said);
        scores.put(ClassMetric.MATTHEWS.label(), ClassMetric.MATTHEWS.of(classes, truth));
        if (split.labelNames().size() == 2) {
            scores.put(ClassMetric.F1.label(), ClassMetric.F1.of(classes, truth));
        }
        boolean one = ClassMetric.confusion(classes, truth).predictsOneClass();
        scores.put("one_class", one ? 1.0 : 0.0);
        scores.put(TextToText.MAJORITY, split.majorityRate());
        return scores;
    }

    private boolean beginApart() {
        var words = choices(Part.TRAIN).get(0).words();
        return words.stream().map(word -> word[0]).distinct().count() == words.size();
    }

    /** By likelihood; words that are equally likely count for the first. */
    private static List<Integer> classes(List<WordScores> said) {
        return said.stream().map(one -> Math.max(0, WordMetric.LIKELIHOOD.said(one))).toList();
    }

    /** How often each word is the likeliest, and how often the model writes none of them. */
    @Override
    public Map<String, Long> counts(List<WordScores> said) {
        var words = parts.tokens().words();
        var counts = new LinkedHashMap<String, Long>();
        words.forEach(word -> counts.put(word, 0L));
        classes(said).forEach(c -> counts.merge(words.get(c), 1L, Long::sum));
        counts.put("(writes another text)", said.stream().filter(WordScores::isOther).count());
        return counts;
    }

    TextTokenizer tokenizer() {
        return parts.tokenizer();
    }

    /** The first training row as the model sees it; what it learns is between ⟦ and ⟧. */
    public String example() {
        var choice = choices(Part.TRAIN).get(0);
        var word = choice.words().get(split(Part.TRAIN).labels()[0]);
        return parts.tokenizer().decode(choice.prompt())
                + "⟦"
                + parts.tokenizer().decode(word)
                + "⟧";
    }

    @Override
    public Map<String, Object> facts() {
        var facts = new LinkedHashMap<>(parts.data().facts());
        facts.put("prompt", parts.tokens().prompt().text());
        facts.put("words", parts.tokens().words());
        facts.put("prompts_cut", parts.tokens().cut());
        return facts;
    }

    @Override
    public Map<String, Object> model() {
        return parts.modelFacts();
    }

    @Override
    public void close() {
        parts.tokenizer().close();
        parts.model().close();
    }
}
