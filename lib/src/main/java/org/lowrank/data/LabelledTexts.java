package org.lowrank.data;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lowrank.engine.Checksums;

/**
 * One split of a task: never empty, and each target within the classes there are.
 *
 * @param name task and split, for example {@code CoLA validation}; it stands in error messages
 * @param examples in the order of the source
 * @param labelNames the classes in the order of their numbers; empty if the targets are scores
 */
public record LabelledTexts(String name, List<LabelledText> examples, List<String> labelNames) {

    public LabelledTexts {
        examples = List.copyOf(examples);
        labelNames = List.copyOf(labelNames);
        if (examples.isEmpty()) {
            throw new IllegalArgumentException(
                    "the split '"
                            + name
                            + "' has no examples; a run needs at least one in each split. Check the"
                            + " file it is read from, or ask for a larger share or sample");
        }
        for (var i = 0; i < examples.size() && !labelNames.isEmpty(); i++) {
            var target = examples.get(i).target();
            if (target != Math.rint(target) || target < 0 || target >= labelNames.size()) {
                throw new IllegalArgumentException(
                        "example %s of '%s' has the target %s; expected a class from 0 to %s: %s"
                                .formatted(i, name, target, labelNames.size() - 1, labelNames));
            }
        }
    }

    public int size() {
        return examples.size();
    }

    /** True if the targets are classes, false if they are scores. */
    public boolean isClassification() {
        return !labelNames.isEmpty();
    }

    public boolean hasPairs() {
        return examples.get(0).secondText().isPresent();
    }

    public double[] targets() {
        return examples.stream().mapToDouble(LabelledText::target).toArray();
    }

    /** The classes in the order of the examples. */
    public int[] labels() {
        requireClasses("labels");
        return examples.stream().mapToInt(LabelledText::label).toArray();
    }

    /** How many examples each class has, in the order of the classes. */
    public int[] classCounts() {
        var counts = new int[labelNames.size()];
        for (var label : labels()) {
            counts[label]++;
        }
        return counts;
    }

    /** The accuracy of always answering the largest class: what a trained model has to beat. */
    public double majorityRate() {
        requireClasses("a majority class");
        return Arrays.stream(classCounts()).max().orElseThrow() / (double) size();
    }

    /**
     * A seeded sample with the class shares of this split, in the order of this split.
     *
     * @param count how many examples; all of them if it is the size
     */
    public LabelledTexts sample(int count, long seed) {
        if (count == size()) {
            return this;
        }
        return part(count, seed).taken();
    }

    /**
     * Two disjoint parts that make up this split, both with its class shares.
     *
     * @param count how many examples the first part gets, at least 1 and less than the size
     */
    public Parts part(int count, long seed) {
        if (count < 1 || count >= size()) {
            throw new IllegalArgumentException(
                    ("cannot take %s of the %s examples of '%s': at least 1, and fewer than"
                                    + " there are")
                            .formatted(count, size(), name));
        }
        var chosen = StratifiedDraw.draw(strata(), count, seed);
        var taken = new ArrayList<LabelledText>();
        var rest = new ArrayList<LabelledText>();
        for (var i = 0; i < size(); i++) {
            (chosen.get(i) ? taken : rest).add(examples.get(i));
        }
        return new Parts(
                new LabelledTexts(name, taken, labelNames),
                new LabelledTexts(name, rest, labelNames));
    }

    public LabelledTexts named(String newName) {
        return new LabelledTexts(newName, examples, labelNames);
    }

    /** The SHA-256 of the texts and targets in their order, as it goes into the record of a run. */
    public String sha256() {
        var digest = Checksums.digest();
        for (var example : examples) {
            var row = example.text() + "\t" + example.secondText().orElse("") + "\t";
            digest.update((row + example.target() + "\n").getBytes(StandardCharsets.UTF_8));
        }
        return Checksums.hex(digest);
    }

    /** Name, rows and rows a class; not the texts. */
    @Override
    public String toString() {
        return name
                + ": "
                + size()
                + (isClassification()
                        ? " examples, " + labelNames + " " + Arrays.toString(classCounts())
                        : " examples with scores");
    }

    private int[] strata() {
        return isClassification() ? labels() : new int[size()];
    }

    private void requireClasses(String what) {
        if (!isClassification()) {
            throw new IllegalStateException(
                    "'" + name + "' has scores as targets, so there is no such thing as " + what);
        }
    }

    /** The two parts of a split. */
    public record Parts(LabelledTexts taken, LabelledTexts rest) {}
}
