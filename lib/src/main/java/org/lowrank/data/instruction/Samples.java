package org.lowrank.data.instruction;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tokenized records and what became of those that are not among them.
 *
 * @param name of the file or set
 * @param list in the order of the file
 * @param records how many there were
 * @param cut how many of the list lack their beginning or end
 * @param leftOut one line a record that is not in the list, with its place
 */
public record Samples(String name, List<Sample> list, int records, int cut, List<String> leftOut) {

    public Samples {
        list = List.copyOf(list);
        leftOut = List.copyOf(leftOut);
    }

    /** The number of tokens of each, for a {@link org.lowrank.data.BatchPlan}. */
    public int[] lengths() {
        return list.stream().mapToInt(Sample::length).toArray();
    }

    /** The same samples with every token labelled, the prompts' too. */
    Samples whole() {
        var whole = list.stream().map(s -> new Sample(s.ids(), s.ids(), s.line())).toList();
        return new Samples(name, whole, records, cut, leftOut);
    }

    /** Counts and lengths, for the record of a run. */
    public Map<String, Object> facts() {
        var lengths = lengths();
        Arrays.sort(lengths);
        var facts = new LinkedHashMap<String, Object>();
        facts.put("records", records);
        facts.put("samples", list.size());
        facts.put("cut", cut);
        facts.put("left_out", leftOut.size());
        facts.put("tokens", Arrays.stream(lengths).asLongStream().sum());
        facts.put("answer_tokens", list.stream().mapToLong(Sample::answerTokens).sum());
        facts.put("median_length", lengths.length == 0 ? 0 : lengths[lengths.length / 2]);
        facts.put("p95_length", lengths.length == 0 ? 0 : lengths[(int) (lengths.length * 0.95)]);
        facts.put("longest", lengths.length == 0 ? 0 : lengths[lengths.length - 1]);
        return facts;
    }

    /**
     * One stream of all samples in blocks of one length, as AltLoRA's code packs them: a block may
     * begin and end inside a record. What does not fill the last block is dropped.
     */
    public List<Sample> packed(int blockLength) {
        int total = Arrays.stream(lengths()).sum();
        var ids = new int[total];
        var labels = new int[total];
        int at = 0;
        for (var sample : list) {
            System.arraycopy(sample.ids(), 0, ids, at, sample.length());
            System.arraycopy(sample.labels(), 0, labels, at, sample.length());
            at += sample.length();
        }
        var blocks = new ArrayList<Sample>();
        for (int from = 0; from + blockLength <= total; from += blockLength) {
            blocks.add(
                    new Sample(
                            Arrays.copyOfRange(ids, from, from + blockLength),
                            Arrays.copyOfRange(labels, from, from + blockLength),
                            0));
        }
        return blocks;
    }
}
