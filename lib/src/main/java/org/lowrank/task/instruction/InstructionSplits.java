package org.lowrank.task.instruction;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.lowrank.data.instruction.Instruction;
import org.lowrank.data.instruction.InstructionFile;
import org.lowrank.data.instruction.Sampling;
import org.lowrank.task.TaskConfig;
import org.lowrank.task.TextSource;
import org.lowrank.text.TextTokenizer;

/**
 * Train, validation and test rows of an instruction task.
 *
 * @param facts for the record: checksums, counts, lengths, what was cut or left out, what train and
 *     test share
 * @param remarks each record that was left out, stands twice or is shared, by file and line
 */
record InstructionSplits(
        AnswerRows train,
        AnswerRows validation,
        AnswerRows test,
        Map<String, Object> facts,
        List<String> remarks) {

    private static final double TESTED = 0.1;

    /** Answers that stand in fewer records on average are texts, not labels. */
    private static final int RECORDS_A_LABEL = 5;

    /**
     * Reads and tokenizes. Validation rows are held out of the training records, a tenth unless the
     * configuration says how many; test rows too where there is no test set.
     */
    static InstructionSplits read(
            InstructionSource source,
            boolean asTalks,
            TaskConfig config,
            Sampling sampling,
            TextTokenizer tokenizer)
            throws IOException {
        var records = source.read();
        var train = records.train();
        var test = records.test();
        if (asTalks) {
            train = train.stream().map(Instruction::asTalk).toList();
            test = test.stream().map(Instruction::asTalk).toList();
        }
        long seed = config.splitSeed();
        var rest = AnswerRows.of(records.trainName(), train, sampling, tokenizer);
        requireRoom(rest, test.isEmpty() ? 3 : 2);
        var remarks = new ArrayList<>(records.remarks());
        remarks.addAll(rest.all().leftOut());
        var facts = new LinkedHashMap<String, Object>();
        facts.put("name", config.name());
        facts.putAll(records.facts());
        facts.put("train", rest.facts());
        var repeated = InstructionFile.repeated(train);
        facts.put("repeated_questions", repeated.size());
        repeated.forEach(
                two ->
                        remarks.add(
                                "%s, line %d: the same question and answer as line %d"
                                        .formatted(records.trainName(), two[1], two[0])));
        AnswerRows tested;
        if (test.isEmpty()) {
            int rows =
                    config.testRows() > 0
                            ? config.testRows()
                            : (int) Math.ceil(TESTED * rest.size());
            requireMost(rest, rows, "test_rows");
            var parted = rest.parted(rows, seed + 1);
            tested = parted.taken();
            rest = parted.rest();
            facts.put("test_held_out_of_train", true);
        } else {
            tested = AnswerRows.of(records.testName(), test, sampling, tokenizer);
            facts.put("test", tested.facts());
            var shared = InstructionFile.shared(train, test);
            facts.put("shared_questions", shared.size());
            remarks.addAll(tested.all().leftOut());
            shared.forEach(
                    two ->
                            remarks.add(
                                    "%s, line %d: its question is trained on: %s, line %d"
                                            .formatted(
                                                    records.testName(),
                                                    two[1],
                                                    records.trainName(),
                                                    two[0])));
            remarks.addAll(newLabels(records, train));
            tested = tested.drawn(config.testRows(), seed, "test_rows");
        }
        int held = TextSource.holdOut(config).rowsOf(rest.size());
        requireMost(rest, config.validationRows(), "validation_rows");
        var parted = rest.parted(held, seed);
        var trained = parted.rest().drawn(config.trainRows(), seed, "train_rows");
        facts.put("train_rows", trained.size());
        facts.put("validation_rows", parted.taken().size());
        facts.put("test_rows", tested.size());
        return new InstructionSplits(trained, parted.taken(), tested, facts, List.copyOf(remarks));
    }

    /** Where few answers stand for many records they are labels, and a test has no others. */
    private static List<String> newLabels(
            InstructionSource.Records records, List<Instruction> train) {
        var labels = train.stream().map(Instruction::answer).collect(Collectors.toSet());
        if (labels.size() > train.size() / RECORDS_A_LABEL) {
            return List.of();
        }
        return records.test().stream()
                .filter(record -> !labels.contains(record.answer()))
                .map(
                        record ->
                                "%s, line %d: the answer \"%s\" is none of the %d in %s"
                                        .formatted(
                                                records.testName(),
                                                record.line(),
                                                record.answer().strip(),
                                                labels.size(),
                                                records.trainName()))
                .toList();
    }

    private static void requireRoom(AnswerRows rows, int least) {
        if (rows.size() < least) {
            throw new IllegalArgumentException(
                    "%s has %d usable records of %d; at least %d are needed, to train and to measure on"
                            .formatted(rows.name(), rows.size(), rows.all().records(), least));
        }
    }

    private static void requireMost(AnswerRows rows, int asked, String field) {
        int most = (int) (TextSource.MOST_HELD_OUT * rows.size());
        if (asked > most) {
            throw new IllegalArgumentException(
                    "%s has %d usable records; task.%s asks for %d, at most half of them (%d) are held out"
                            .formatted(rows.name(), rows.size(), field, asked, most));
        }
    }
}
