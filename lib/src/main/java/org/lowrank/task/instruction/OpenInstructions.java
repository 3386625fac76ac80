package org.lowrank.task.instruction;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lowrank.data.BatchPlan;
import org.lowrank.data.instruction.Instruction;
import org.lowrank.data.instruction.Sample;
import org.lowrank.data.instruction.Sampling;
import org.lowrank.data.score.AnswerLikelihood;
import org.lowrank.data.score.AnswerScore;
import org.lowrank.model.block.CausalModel;
import org.lowrank.model.block.Network;
import org.lowrank.task.OpenTask;
import org.lowrank.task.Part;
import org.lowrank.task.Preview;
import org.lowrank.task.TaskContext;
import org.lowrank.text.TextTokenizer;
import org.lowrank.train.Objective;

/** {@link InstructionTuning} on a model. */
public final class OpenInstructions
        implements OpenTask<OpenInstructions.Said>, Preview<OpenInstructions.Said> {

    private final InstructionTuning task;
    private final Parts parts;
    private final AnswerReader reader;
    private final List<Sample> trained;
    private final AnswerObjective objective;

    /**
     * How the model is asked for answers of its own.
     *
     * @param stops texts at which an answer ends, beside the model's end
     */
    record Asked(Sampling sampling, List<String> stops) {}

    /** What is done with the rows when they are chosen. */
    interface Rewording {
        Parts of(Parts plain) throws IOException;
    }

    /**
     * What it is put together from.
     *
     * @param sampling of the rows that are trained on
     * @param tested of those that are tested on
     */
    record Parts(
            CausalModel model,
            TextTokenizer tokenizer,
            Sampling sampling,
            InstructionSplits splits,
            Map<String, Object> modelFacts,
            Asked tested) {

        Parts(
                CausalModel model,
                TextTokenizer tokenizer,
                Sampling sampling,
                InstructionSplits splits,
                Map<String, Object> modelFacts) {
            this(model, tokenizer, sampling, splits, modelFacts, new Asked(sampling, List.of()));
        }
    }

    /**
     * What is said of a row.
     *
     * @param likelihood of the reference answer
     * @param text that the model writes itself, null where it was not asked to
     */
    public record Said(AnswerLikelihood.Row likelihood, String text) {}

    OpenInstructions(InstructionTuning task, Parts parts, TaskContext context) {
        this.task = task;
        this.parts = parts;
        reader = new AnswerReader(parts.model(), parts.tokenizer());
        var train = parts.splits().train();
        var learned = parts.sampling().learned(train.all());
        int length = parts.sampling().maxLength();
        trained =
                task.packed()
                        ? learned.packed(length).stream()
                                .filter(block -> block.answerTokens() > 0)
                                .toList()
                        : learned.list();
        if (trained.isEmpty()) {
            throw new IllegalArgumentException(
                    "%s: %d records have fewer tokens together than a block of %d; lower"
                            + " task.max_length, or do not pack"
                                    .formatted(train.name(), train.size(), length));
        }
        var lengths = trained.stream().mapToInt(Sample::length).toArray();
        objective =
                new AnswerObjective(
                        parts.model(),
                        trained,
                        parts.tokenizer().padId(),
                        BatchPlan.ofSize(lengths, context.batchSize(), context.seed()),
                        task.byLayer());
    }

    private AnswerRows answers(Part part) {
        return switch (part) {
            case TRAIN -> parts.splits().train();
            case VALIDATION -> parts.splits().validation();
            case TEST -> parts.splits().test();
        };
    }

    @Override
    public Network network() {
        return parts.model();
    }

    @Override
    public Objective objective() {
        return objective;
    }

    /** Answers are written for the test part alone: rates are chosen by likelihood. */
    @Override
    public List<Said> predict(Part part) {
        boolean writes =
                part == Part.TEST && task.judged() != InstructionTuning.Judged.BY_LIKELIHOOD;
        return said(part, writes);
    }

    /** What the model as it stands says, with or without texts of its own. */
    public List<Said> said(Part part, boolean writes) {
        var likelihoods = reader.likelihoods(answers(part).samples());
        var texts = writes ? texts(part) : null;
        var said = new ArrayList<Said>();
        for (int i = 0; i < likelihoods.size(); i++) {
            said.add(new Said(likelihoods.get(i), writes ? texts.get(i) : null));
        }
        return said;
    }

    private List<String> texts(Part part) {
        var asked = part == Part.TEST ? parts.tested() : new Asked(parts.sampling(), List.of());
        var prompts =
                records(part).stream()
                        .map(record -> asked.sampling().prompt(record, parts.tokenizer()))
                        .toList();
        return reader.texts(prompts, task.newTokens(), asked.stops());
    }

    /** The records of a part, in the order of {@link #predict}. */
    public List<Instruction> records(Part part) {
        return answers(part).records();
    }

    @Override
    public Map<String, Double> score(Part part, List<Said> said) {
        var likelihood = AnswerLikelihood.of(said.stream().map(Said::likelihood).toList());
        var scores = new LinkedHashMap<String, Double>();
        scores.put(InstructionTuning.NLL, likelihood.perToken());
        scores.put(InstructionTuning.PERPLEXITY, likelihood.perplexity());
        if (said.get(0).text() == null) {
            return scores;
        }
        var texts = said.stream().map(Said::text).toList();
        var references = records(part).stream().map(Instruction::answer).toList();
        int equal = 0;
        for (int i = 0; i < texts.size(); i++) {
            equal += plain(texts.get(i)).equals(plain(references.get(i))) ? 1 : 0;
        }
        scores.put(InstructionTuning.EXACT_MATCH, equal / (double) texts.size());
        for (var rule : task.judged().rules()) {
            scores.put(rule.label(), AnswerScore.of(rule, texts, references).accuracy());
        }
        return scores;
    }

    private static String plain(String text) {
        return text.strip().replaceAll("\\s+", " ");
    }

    /** The likelihoods of the model as it came; to be asked for before it is trained. */
    @Override
    public List<Said> trivial(Part part) {
        return said(part, false);
    }

    @Override
    public Optional<String> peftType() {
        return Optional.of("CAUSAL_LM");
    }

    @Override
    public Optional<Preview<Said>> preview() {
        return Optional.of(this);
    }

    @Override
    public List<String> remarks() {
        return parts.splits().remarks();
    }

    @Override
    public String example() {
        var sample = parts.sampling().learned(parts.splits().train().all()).list().get(0);
        var text = new StringBuilder();
        boolean learned = false;
        for (int i = 0; i < sample.length(); i++) {
            if (learned != (sample.labels()[i] != Sample.NONE)) {
                text.append(learned ? "⟧" : "⟦");
                learned = !learned;
            }
            text.append(parts.tokenizer().word(sample.ids()[i]));
        }
        return text.append(learned ? "⟧" : "").toString();
    }

    @Override
    public int rows(Part part) {
        return answers(part).size();
    }

    @Override
    public void pass(Part part) {
        said(part, false);
    }

    @Override
    public List<String> samples(List<Said> said, int most) {
        var samples = new ArrayList<String>();
        for (int i = 0; i < Math.min(most, said.size()); i++) {
            if (said.get(i).text() != null) {
                var record = records(Part.TEST).get(i);
                samples.add(
                        "%s\n  right: %s\n  said:  %s"
                                .formatted(
                                        record.instruction().strip(),
                                        record.answer().strip(),
                                        said.get(i).text().strip()));
            }
        }
        return samples;
    }

    @Override
    public long tokens(Part part) {
        return answers(part).samples().stream().mapToLong(Sample::length).sum();
    }

    @Override
    public int vocabulary() {
        return parts.model().vocabulary();
    }

    @Override
    public int longest() {
        return trained.stream().mapToInt(Sample::length).max().orElseThrow();
    }

    @Override
    public Map<String, Object> facts() {
        var facts = new LinkedHashMap<>(parts.splits().facts());
        facts.put("train_sequences", trained.size());
        facts.put("train_answer_tokens", trained.stream().mapToLong(Sample::answerTokens).sum());
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
