package org.lowrank.task;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import org.lowrank.config.Problems;
import org.lowrank.data.instruction.Instruction;
import org.lowrank.data.instruction.Sampling;
import org.lowrank.model.block.CausalModel;
import org.lowrank.text.PromptTemplate;
import org.lowrank.text.Prompting;
import org.lowrank.text.TextTokenizer;

/**
 * The rows of a task in the model's chat template, so that both forms of one problem stand in one
 * table. Which rows are trained on, held out and tested is decided as in the task itself, by its
 * words and {@code max_length}; the tokens that the template adds leave none out.
 *
 * @param asked the task in its own words
 */
record InChatTemplate(InstructionTuning asked) implements Task {

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
                "is chat, and says here by which words the rows are chosen; name others");
    }

    @Override
    public OpenInstructions open(TaskConfig config, TaskContext context) throws IOException {
        try (var opened = context.open()) {
            var tokenizer = opened.tokenizer();
            try {
                var words = asked.sampling(tokenizer, config.maxLength());
                var splits =
                        InstructionSplits.read(asked.source(), false, config, words, tokenizer);
                var model = opened.load(CausalModel.class, context.load(), context.owner());
                var talks =
                        new Sampling(
                                PromptTemplate.PLAIN,
                                tokenizer.chat(),
                                asked.loss(),
                                Sampling.TooLong.LEAVE_OUT,
                                model.positions());
                var facts = new LinkedHashMap<>(splits.facts());
                facts.put("asked_in", "the model's chat template");
                var inTemplate =
                        new InstructionSplits(
                                talks(splits.train(), talks, tokenizer),
                                talks(splits.validation(), talks, tokenizer),
                                talks(splits.test(), talks, tokenizer),
                                facts,
                                splits.remarks());
                return new OpenInstructions(
                        asked,
                        new OpenInstructions.Parts(
                                model, tokenizer, talks, inTemplate, TaskContext.facts(opened)),
                        context);
            } catch (IOException | RuntimeException e) {
                tokenizer.close();
                throw e;
            }
        }
    }

    private static AnswerRows talks(AnswerRows rows, Sampling talks, TextTokenizer tokenizer) {
        var records = rows.records().stream().map(Instruction::asTalk).toList();
        return AnswerRows.of(rows.name(), records, talks, tokenizer);
    }
}
