package org.lowrank.task.instruction;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.lowrank.data.instruction.DataFaultsException;
import org.lowrank.data.instruction.Instruction;
import org.lowrank.data.instruction.MathQuestion;
import org.lowrank.data.instruction.MathSet;
import org.lowrank.data.instruction.PaperSet;
import org.lowrank.data.source.DataRoot;
import org.lowrank.engine.Checksums;

/** Where the records of an instruction task come from. */
@FunctionalInterface
public interface InstructionSource {

    /**
     * What was read.
     *
     * @param trainName what messages call the training records
     * @param test empty where the test is to be held out of the training records
     * @param facts names, checksums and counts
     * @param remarks what a reader of the data should know, one line each, by file and line
     */
    record Records(
            String trainName,
            List<Instruction> train,
            String testName,
            List<Instruction> test,
            Map<String, Object> facts,
            List<String> remarks) {}

    /**
     * Reads the records.
     *
     * @throws DataFaultsException with every fault of a file by its line
     * @throws IOException if a file cannot be had; the message says how to get it
     */
    Records read() throws IOException;

    /** What is done with test questions that are trained on. */
    enum Leaked {
        /** They are tested on as well; the record counts them ({@code shared_questions}). */
        KEPT,
        /** They are no part of the test; the record counts them ({@code leaked_left_out}). */
        LEFT_OUT
    }

    /**
     * Published word problems.
     *
     * @param worked whether the answer is the worked solution, or the calculation and its value
     * @param leaked of test questions that stand in the training set, compared by letters and
     *     digits
     */
    static InstructionSource sets(MathSet train, MathSet test, boolean worked, Leaked leaked) {
        return () -> {
            var root = DataRoot.ofThisMachine();
            var facts = new LinkedHashMap<String, Object>();
            for (var set : List.of(train, test)) {
                facts.put(set.path() + " sha256", Checksums.of(root.file(set.path(), set.set())));
            }
            var trained = records(train.read(root), worked);
            var tested = records(test.read(root), worked);
            if (leaked == Leaked.LEFT_OUT) {
                tested = withoutLeaked(trained, tested, facts);
            }
            return new Records(train.path(), trained, test.path(), tested, facts, List.of());
        };
    }

    /**
     * A set that the papers train on.
     *
     * @param test worked solutions to test on, or null to hold rows out
     */
    static InstructionSource paper(PaperSet train, PaperSet.Selection selection, MathSet test) {
        return () -> {
            var root = DataRoot.ofThisMachine();
            var facts = new LinkedHashMap<String, Object>();
            var trained = train.read(root, selection);
            facts.put(
                    train.path() + " sha256",
                    Checksums.of(root.file(train.path(), train.manifestName())));
            var tested = List.<Instruction>of();
            if (test != null) {
                tested = records(test.read(root), true);
                facts.put(
                        test.path() + " sha256", Checksums.of(root.file(test.path(), test.path())));
            }
            return new Records(
                    train.path(),
                    trained,
                    test == null ? "" : test.path(),
                    tested,
                    facts,
                    List.of());
        };
    }

    /** The test records whose question is not trained on; how many are left out is put down. */
    static List<Instruction> withoutLeaked(
            List<Instruction> train, List<Instruction> test, Map<String, Object> facts) {
        var trained = train.stream().map(Instruction::normalized).collect(Collectors.toSet());
        var kept = test.stream().filter(r -> !trained.contains(r.normalized())).toList();
        facts.put("leaked_left_out", test.size() - kept.size());
        return kept;
    }

    private static List<Instruction> records(List<MathQuestion> questions, boolean worked) {
        return questions.stream().map(q -> worked ? q.worked() : q.calculated()).toList();
    }
}
