package org.lowrank.data;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A task: examples to train on, examples to choose settings by, and examples to report on.
 *
 * @param name for example {@code CoLA}
 * @param train seen by the optimizer
 * @param validation for choosing learning rates and the like; never the test split
 * @param test for the reported score
 * @param provenance where the texts come from
 */
public record TaskData(
        String name,
        LabelledTexts train,
        LabelledTexts validation,
        LabelledTexts test,
        Provenance provenance) {

    public TaskData {
        for (var other : List.of(validation, test)) {
            if (!other.labelNames().equals(train.labelNames())) {
                throw new IllegalArgumentException(
                        name
                                + ": the splits differ in their classes, train has "
                                + train.labelNames()
                                + ", '"
                                + other.name()
                                + "' has "
                                + other.labelNames());
            }
        }
    }

    /** The three splits in the order train, validation, test. */
    public List<LabelledTexts> splits() {
        return List.of(train, validation, test);
    }

    public List<String> labelNames() {
        return train.labelNames();
    }

    /** The same task with a seeded sample of the training examples; the other splits stay whole. */
    public TaskData withTrainSample(int count, long seed) {
        return new TaskData(name, train.sample(count, seed), validation, test, provenance);
    }

    /** For the record of a run: names, sources, hashes and rows. */
    public Map<String, Object> facts() {
        var facts = new LinkedHashMap<String, Object>();
        facts.put("name", name);
        facts.put("source", provenance.source());
        facts.put("licence", provenance.licence());
        facts.put("preparation", provenance.preparation());
        facts.put("files", new TreeMap<>(provenance.files()));
        if (!provenance.leftOut().isEmpty()) {
            facts.put("lines_left_out", new TreeMap<>(provenance.leftOut()));
        }
        for (var split : splits()) {
            var rows = new LinkedHashMap<String, Object>();
            rows.put("rows", split.size());
            rows.put("sha256", split.sha256());
            if (split.isClassification()) {
                rows.put("class_counts", split.classCounts());
            }
            facts.put(split.name(), rows);
        }
        return facts;
    }

    /** The count of each class in each split, as a table in plain text. */
    public String countTable() {
        var text = new StringBuilder(String.format(Locale.ROOT, "%-24s%10s", name, "examples"));
        labelNames().forEach(label -> text.append(String.format(Locale.ROOT, "%16s", label)));
        text.append(labelNames().isEmpty() ? "" : String.format(Locale.ROOT, "%10s", "majority"));
        for (var split : splits()) {
            text.append(String.format(Locale.ROOT, "%n%-24s%10d", split.name(), split.size()));
            if (split.isClassification()) {
                for (var count : split.classCounts()) {
                    text.append(String.format(Locale.ROOT, "%16d", count));
                }
                text.append(String.format(Locale.ROOT, "%10.3f", split.majorityRate()));
            }
        }
        return text.toString();
    }

    /** The table of counts and the source. */
    @Override
    public String toString() {
        return countTable() + System.lineSeparator() + provenance;
    }
}
