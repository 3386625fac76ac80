package org.lowrank.task;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.lowrank.config.Option;
import org.lowrank.config.Problems;
import org.lowrank.data.SeededOrder;
import org.lowrank.data.instruction.Instruction;
import org.lowrank.data.instruction.Sampling;
import org.lowrank.data.score.FewShot;
import org.lowrank.model.block.CausalModel;
import org.lowrank.text.PromptTemplate;
import org.lowrank.text.Prompting;

/**
 * Questions with worked examples before each, as a trivial baseline of training: what a model does
 * that has seen a few answers and learned from none. The rows are those of the task without
 * examples, so that both stand in one table; the examples are training rows, drawn anew for each
 * question from the seed of the run. An answer ends where lm-evaluation-harness ends one.
 *
 * @param asked the task without examples
 * @param shots how many come before a question; with 0 it is that task
 */
record WorkedExamples(InstructionTuning asked, int shots) implements Task {

    static final Option<Integer> SHOTS =
            Option.whole(
                    "shots", 4, "0 to 64", n -> n >= 0 && n <= 64, "examples before a question");

    /** A whole text is the prompt already, but for what stands before an answer. */
    private static PromptTemplate shown(PromptTemplate words) {
        return new PromptTemplate("shown", "{instruction}", "{instruction}", words.between());
    }

    @Override
    public List<String> metrics() {
        return asked.metrics();
    }

    @Override
    public boolean isLoss(String metric) {
        return asked.isLoss(metric);
    }

    @Override
    public boolean isOfTestAlone(String metric) {
        return asked.isOfTestAlone(metric);
    }

    @Override
    public void checkModel(String model, Problems problems) {
        asked.checkModel(model, problems);
    }

    @Override
    public void check(TaskConfig config, Problems problems) {
        asked.check(config, problems);
        problems.require(
                !asked.prompt().equals(Prompting.CHAT),
                "task.options.prompt",
                "is chat, and worked examples are one text; name another");
    }

    @Override
    public OpenInstructions open(TaskConfig config, TaskContext context) throws IOException {
        if (shots == 0) {
            return asked.open(config, context);
        }
        try (var opened = context.open()) {
            var tokenizer = opened.tokenizer();
            try {
                var plain = asked.sampling(tokenizer, config.maxLength());
                var splits =
                        InstructionSplits.read(asked.source(), false, config, plain, tokenizer);
                var model = opened.load(CausalModel.class, context.load(), context.owner());
                var whole = Sampling.of(shown(plain.prompts()), model.positions());
                var examples = splits.train().records();
                requireEnough(examples);
                var validation = shown(splits.validation(), examples, context.seed(), plain);
                var test = shown(splits.test(), examples, context.seed() + 1, plain);
                var facts = new LinkedHashMap<>(splits.facts());
                facts.put("worked_examples", shots);
                var with =
                        new InstructionSplits(
                                splits.train(),
                                AnswerRows.of(
                                        splits.validation().name(), validation, whole, tokenizer),
                                AnswerRows.of(splits.test().name(), test, whole, tokenizer),
                                facts,
                                splits.remarks());
                return new OpenInstructions(
                        asked,
                        new OpenInstructions.Parts(
                                model,
                                tokenizer,
                                whole,
                                with,
                                TaskContext.facts(opened),
                                FewShot.STOPS),
                        context);
            } catch (IOException | RuntimeException e) {
                tokenizer.close();
                throw e;
            }
        }
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
