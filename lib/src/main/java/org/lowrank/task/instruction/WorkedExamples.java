package org.lowrank.task.instruction;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.lowrank.config.Option;
import org.lowrank.data.SeededOrder;
import org.lowrank.data.instruction.Instruction;
import org.lowrank.data.instruction.Sampling;
import org.lowrank.data.score.FewShot;
import org.lowrank.text.PromptTemplate;

/**
 * Questions with worked examples before each, as a trivial baseline of training: what a model does
 * that has seen a few answers and learned from none. The rows are those of the task without
 * examples, so that both stand in one table; the examples are training rows, drawn anew for each
 * question from the seed of the run. An answer ends where lm-evaluation-harness ends one.
 *
 * @param asked the task without examples
 * @param shots how many come before a question; with 0 it is that task
 */
record WorkedExamples(InstructionTuning asked, int shots) implements SameRows {

    static final Option<Integer> SHOTS =
            Option.whole(
                    "shots", 4, "0 to 64", n -> n >= 0 && n <= 64, "examples before a question");

    /** A whole text is the prompt already, but for what stands before an answer. */
    private static PromptTemplate shown(PromptTemplate words) {
        return new PromptTemplate("shown", "{instruction}", "{instruction}", words.between());
    }

    @Override
    public String whyNotChat() {
        return ", and worked examples are one text; name another";
    }

    @Override
    public OpenInstructions.Parts reworded(OpenInstructions.Parts plain, long seed) {
        if (shots == 0) {
            return plain;
        }
        var words = plain.sampling();
        var tokenizer = plain.tokenizer();
        var whole = Sampling.of(shown(words.prompts()), plain.model().positions());
        var splits = plain.splits();
        var examples = splits.train().records();
        requireEnough(examples);
        var validation = shown(splits.validation(), examples, seed, words);
        var test = shown(splits.test(), examples, seed + 1, words);
        var facts = new LinkedHashMap<>(splits.facts());
        facts.put("worked_examples", shots);
        var with =
                new InstructionSplits(
                        splits.train(),
                        AnswerRows.of(splits.validation().name(), validation, whole, tokenizer),
                        AnswerRows.of(splits.test().name(), test, whole, tokenizer),
                        facts,
                        splits.remarks());
        return new OpenInstructions.Parts(
                plain.model(),
                tokenizer,
                whole,
                with,
                plain.modelFacts(),
                new OpenInstructions.Asked(whole, FewShot.STOPS));
    }

    private void requireEnough(List<Instruction> examples) {
        if (examples.size() < shots) {
            throw new IllegalArgumentException(
                    "task.options.shots asks for %d examples, there are %d training rows"
                            .formatted(shots, examples.size()));
        }
    }

    /** The rows with examples before them. */
    private List<Instruction> shown(
            AnswerRows rows, List<Instruction> examples, long seed, Sampling words) {
        var records = new ArrayList<Instruction>();
        for (var record : rows.records()) {
            var text = new StringBuilder();
            var order = SeededOrder.of(examples.size(), SeededOrder.seedOf(seed, records.size()));
            for (int i = 0; i < shots; i++) {
                var example = examples.get(order[i]);
                text.append(prompt(words, example))
                        .append(words.prompts().between())
                        .append(example.answer())
                        .append("\n\n");
            }
            text.append(prompt(words, record));
            records.add(Instruction.of(record.line(), text.toString(), "", record.answer()));
        }
        return records;
    }

    private static String prompt(Sampling words, Instruction record) {
        return words.prompts().prompt(record.instruction(), record.input());
    }
}
