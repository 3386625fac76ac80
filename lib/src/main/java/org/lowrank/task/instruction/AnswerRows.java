package org.lowrank.task.instruction;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.lowrank.data.SeededOrder;
import org.lowrank.data.instruction.Instruction;
import org.lowrank.data.instruction.Sample;
import org.lowrank.data.instruction.Samples;
import org.lowrank.data.instruction.Sampling;
import org.lowrank.text.TextTokenizer;

/**
 * Records with their tokens, one sample a record.
 *
 * @param name of the file or set
 * @param records those that have a sample
 * @param all the samples, answers labelled, and what became of the records that have none
 */
record AnswerRows(String name, List<Instruction> records, Samples all) {

    /** Tokenizes; what is too long is cut or left out as the sampling says, and counted. */
    static AnswerRows of(
            String name, List<Instruction> records, Sampling sampling, TextTokenizer tokenizer) {
        var kept = new ArrayList<Instruction>();
        var samples = new ArrayList<Sample>();
        var leftOut = new ArrayList<String>();
        int cut = 0;
        for (var record : records) {
            var one = sampling.answers(name, List.of(record), tokenizer);
            leftOut.addAll(one.leftOut());
            cut += one.cut();
            if (!one.list().isEmpty()) {
                kept.add(record);
                samples.add(one.list().get(0));
            }
        }
        if (kept.isEmpty()) {
            throw new IllegalArgumentException(
                    ("%s: none of %s records has a sample, the first because of: %s; raise"
                                    + " task.max_length, or choose another too_long")
                            .formatted(name, records.size(), leftOut.get(0)));
        }
        return new AnswerRows(name, kept, new Samples(name, samples, records.size(), cut, leftOut));
    }

    int size() {
        return records.size();
    }

    List<Sample> samples() {
        return all.list();
    }

    /**
     * A sample of the rows, in their order.
     *
     * @param rows 0 for all
     * @param field of the configuration that asks for it
     */
    AnswerRows drawn(int rows, long seed, String field) {
        if (rows > size()) {
            throw new IllegalArgumentException(
                    "%s has %d usable records%s; task.%s asks for %d, name at most %d, or 0 for all"
                            .formatted(
                                    name,
                                    size(),
                                    all.leftOut().isEmpty()
                                            ? ""
                                            : " (" + all.leftOut().size() + " are left out)",
                                    field,
                                    rows,
                                    size()));
        }
        return rows == 0 ? this : at(first(rows, seed));
    }

    private int[] first(int rows, long seed) {
        return Arrays.stream(SeededOrder.of(size(), seed)).limit(rows).sorted().toArray();
    }

    private AnswerRows at(int... rows) {
        return new AnswerRows(
                name,
                Arrays.stream(rows).mapToObj(records::get).toList(),
                new Samples(
                        name,
                        Arrays.stream(rows).mapToObj(samples()::get).toList(),
                        all.records(),
                        all.cut(),
                        all.leftOut()));
    }

    /** Some rows, and those that are left when every question of the some is taken out. */
    record Parted(AnswerRows taken, AnswerRows rest) {}

    /**
     * Holds rows out. A question that stands in a set twice is never on both sides.
     *
     * @param rows how many, less than there are
     */
    Parted parted(int rows, long seed) {
        var taken = first(Math.min(rows, size() - 1), seed);
        var asked = new HashSet<String>();
        for (int row : taken) {
            asked.add(records.get(row).normalized());
        }
        var rest = new ArrayList<Integer>();
        for (int row = 0; row < size(); row++) {
            if (!asked.contains(records.get(row).normalized())) {
                rest.add(row);
            }
        }
        if (rest.isEmpty()) {
            throw new IllegalArgumentException(
                    name
                            + ": all "
                            + size()
                            + " usable records ask what the held-out ones ask; nothing is left to"
                            + " train on");
        }
        return new Parted(at(taken), at(rest.stream().mapToInt(Integer::intValue).toArray()));
    }

    Map<String, Object> facts() {
        return all.facts();
    }
}
