package org.lowrank.task.instruction;

import java.util.LinkedHashMap;
import org.lowrank.data.instruction.Instruction;
import org.lowrank.data.instruction.Sampling;
import org.lowrank.text.PromptTemplate;
import org.lowrank.text.TextTokenizer;

/**
 * The rows of a task in the model's chat template, so that both forms of one problem stand in one
 * table.
 *
 * @param asked the task in its own words
 */
record InChatTemplate(InstructionTuning asked) implements SameRows {

    @Override
    public String whyNotChat() {
        return ", and says here by which words the rows are chosen; name others";
    }

    @Override
    public OpenInstructions.Parts reworded(OpenInstructions.Parts plain, long seed) {
        var tokenizer = plain.tokenizer();
        var talks =
                new Sampling(
                        PromptTemplate.PLAIN,
                        tokenizer.chat(),
                        asked.loss(),
                        Sampling.TooLong.LEAVE_OUT,
                        plain.model().positions());
        var splits = plain.splits();
        var facts = new LinkedHashMap<>(splits.facts());
        facts.put("asked_in", "the model's chat template");
        var inTemplate =
                new InstructionSplits(
                        talks(splits.train(), talks, tokenizer),
                        talks(splits.validation(), talks, tokenizer),
                        talks(splits.test(), talks, tokenizer),
                        facts,
                        splits.remarks());
        return new OpenInstructions.Parts(
                plain.model(), tokenizer, talks, inTemplate, plain.modelFacts());
    }

    private static AnswerRows talks(AnswerRows rows, Sampling talks, TextTokenizer tokenizer) {
        var records = rows.records().stream().map(Instruction::asTalk).toList();
        return AnswerRows.of(rows.name(), records, talks, tokenizer);
    }
}
