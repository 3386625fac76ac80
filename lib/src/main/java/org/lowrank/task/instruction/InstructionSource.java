package org.lowrank.task.instruction;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.lowrank.data.instruction.DataFaultsException;
import org.lowrank.data.instruction.Instruction;
import org.lowrank.data.instruction.MathSet;
import org.lowrank.data.instruction.PaperSet;
import org.lowrank.data.source.NeededFile;

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

    /** The files of the data folder that it reads; none where the records lie elsewhere. */
    default List<NeededFile> files() {
        return List.of();
    }

    /**
     * Published word problems.
     *
     * @param worked whether the answer is the worked solution, or the calculation and its value
     * @param leaked of test questions that stand in the training set, compared by letters and
     *     digits
     */
    static InstructionSource sets(MathSet train, MathSet test, boolean worked, Leaked leaked) {
        return new MathSource(train, test, worked, leaked);
    }

    /**
     * A set that the papers train on.
     *
     * @param test worked solutions to test on, or null to hold rows out
     */
    static InstructionSource paper(PaperSet train, PaperSet.Selection selection, MathSet test) {
        return new PaperSource(train, selection, test);
    }

    /** The test records whose question is not trained on; how many are left out is put down. */
    static List<Instruction> withoutLeaked(
            List<Instruction> train, List<Instruction> test, Map<String, Object> facts) {
        var trained = train.stream().map(Instruction::normalized).collect(Collectors.toSet());
        var kept = test.stream().filter(r -> !trained.contains(r.normalized())).toList();
        facts.put("leaked_left_out", test.size() - kept.size());
        return kept;
    }
}
