package org.lowrank.task.instruction;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.lowrank.config.Option;
import org.lowrank.data.instruction.MathSet;
import org.lowrank.data.instruction.Sample;
import org.lowrank.data.instruction.Sampling;
import org.lowrank.data.score.FewShot;
import org.lowrank.data.source.DataRoot;
import org.lowrank.data.source.NeededFile;
import org.lowrank.task.TaskConfig;
import org.lowrank.task.TaskContext;

/**
 * GSM8K's test as AltLoRA (arXiv 2505.12455) reports it: lm-evaluation-harness' task {@code gsm8k},
 * worked examples of GSM8K's training file before each question, whatever the model was trained on
 * and in whatever words. Training and validation rows are those of the task.
 *
 * @param asked the task, whose test is GSM8K's
 * @param shots how many examples come before a question, 5 in the paper
 */
record HarnessTest(InstructionTuning asked, int shots) implements AskedOtherwise {

    /** Nothing is cut: what the model has no room for is refused. */
    private static final Sampling WHOLE = Sampling.of(HarnessQuestions.WORDS, Integer.MAX_VALUE);

    /** How the test questions are asked. */
    enum Tested {
        /** In the words that the task trains in, without examples, as LoRA-Pro's scripts do. */
        AS_TRAINED,
        /** As lm-evaluation-harness does, by which AltLoRA is measured. */
        FIVE_SHOT
    }

    static final Option<Tested> TESTED =
            Option.choice(
                    "tested",
                    Tested.AS_TRAINED,
                    Tested.class,
                    "how test questions are asked: in the task's words, or as"
                            + " lm-evaluation-harness does");

    @Override
    public List<NeededFile> files() {
        var files = new ArrayList<>(asked.files());
        if (!files.contains(MathSet.GSM8K_TRAIN.file())) {
            files.add(MathSet.GSM8K_TRAIN.file());
        }
        return files;
    }

    @Override
    public OpenInstructions open(TaskConfig config, TaskContext context) throws IOException {
        return asked.open(config, context, plain -> tested(plain, config));
    }

    private OpenInstructions.Parts tested(OpenInstructions.Parts plain, TaskConfig config)
            throws IOException {
        var root = DataRoot.ofThisMachine();
        var all = rows(plain, root);
        var test = all.drawn(config.testRows(), config.splitSeed(), "test_rows");
        var splits = plain.splits();
        var facts = new LinkedHashMap<>(splits.facts());
        var examples = MathSet.GSM8K_TRAIN.file();
        facts.put(examples.path() + " sha256", examples.sha256(root));
        facts.put("test", all.facts());
        facts.put("test_rows", test.size());
        facts.put("worked_examples", shots);
        var shortened = splits.test().all().leftOut(); // in the task's words
        var remarks = splits.remarks().stream().filter(r -> !shortened.contains(r)).toList();
        var with = new InstructionSplits(splits.train(), splits.validation(), test, facts, remarks);
        return new OpenInstructions.Parts(
                plain.model(),
                plain.tokenizer(),
                plain.sampling(),
                with,
                plain.modelFacts(),
                new OpenInstructions.Asked(WHOLE, FewShot.STOPS));
    }

    private AnswerRows rows(OpenInstructions.Parts plain, DataRoot root) throws IOException {
        var questions = HarnessQuestions.of(root, MathSet.GSM8K_TEST.read(root), shots);
        var rows = AnswerRows.of(MathSet.GSM8K_TEST.path(), questions, WHOLE, plain.tokenizer());
        int longest = rows.samples().stream().mapToInt(Sample::length).max().orElseThrow();
        int positions = plain.model().positions();
        if (longest + asked.written() > positions) {
            throw new IllegalArgumentException(
                    "%s with %d worked examples before each question: the longest has %d tokens, behind which %d are to be written, and the model has %d positions; ask for fewer new_tokens, or fewer examples"
                            .formatted(rows.name(), shots, longest, asked.written(), positions));
        }
        return rows;
    }
}
