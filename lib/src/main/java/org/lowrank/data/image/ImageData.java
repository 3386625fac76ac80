package org.lowrank.data.image;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.lowrank.data.LabelledText;
import org.lowrank.data.LabelledTexts;
import org.lowrank.data.Provenance;
import org.lowrank.data.TaskData;
import org.lowrank.data.glue.HoldOut;

/**
 * A set of pictures with classes.
 *
 * @param rows the splits; the text of a row is the name of its picture
 * @param pictures where they are
 */
public record ImageData(TaskData rows, Pictures pictures) {

    /** Of a set without a test split of its own. */
    private static final double TESTED = 0.2;

    /** The same with other splits, such as samples of them. */
    public ImageData withRows(TaskData newRows) {
        return new ImageData(newRows, pictures);
    }

    /** The rows of some classes, which are numbered anew. */
    public ImageData only(List<String> classes) {
        var splits = rows.splits().stream().map(split -> only(split, classes)).toList();
        return withRows(
                new TaskData(
                        rows.name(),
                        splits.get(0),
                        splits.get(1),
                        splits.get(2),
                        rows.provenance()));
    }

    private static LabelledTexts only(LabelledTexts split, List<String> classes) {
        var kept = new ArrayList<LabelledText>();
        for (var row : split.examples()) {
            int label = classes.indexOf(split.labelNames().get(row.label()));
            if (label >= 0) {
                kept.add(LabelledText.of(row.text(), label, ""));
            }
        }
        return new LabelledTexts(split.name(), kept, classes);
    }

    /**
     * What a reader found: rows by split and class, and where the pictures are.
     *
     * @param hashes of the files that were read, by name
     */
    record Found(
            String name,
            Map<String, List<LabelledText>> splits,
            List<String> classes,
            Pictures pictures,
            Map<String, String> hashes) {

        static final String TRAIN = "train";
        static final String VALIDATION = "val";
        static final String TEST = "test";

        Found(String name, List<String> classes, Pictures pictures) {
            this(name, new LinkedHashMap<>(), classes, pictures, new TreeMap<>());
        }

        void add(String split, String picture, int label) {
            splits.computeIfAbsent(split, s -> new ArrayList<>())
                    .add(LabelledText.of(picture, label, ""));
        }

        /**
         * The three splits. Where a set has no validation split it is cut from the training rows;
         * where it has no test split, a fifth of all rows is.
         */
        ImageData cut(HoldOut holdOut, String source, String licence) throws IOException {
            var train = split(TRAIN);
            LabelledTexts test;
            if (splits.containsKey(TEST)) {
                test = split(TEST);
            } else {
                int count = (int) Math.ceil(TESTED * train.size());
                var parts = train.part(count, holdOut.seed());
                test = parts.taken().named(name + " test");
                train = parts.rest();
            }
            LabelledTexts validation;
            if (splits.containsKey(VALIDATION)) {
                validation = split(VALIDATION);
            } else {
                var parts = train.part(holdOut.rowsOf(train.size()), holdOut.seed());
                validation = parts.taken().named(name + " validation");
                train = parts.rest();
            }
            var cuts = new ArrayList<String>();
            if (!splits.containsKey(TEST)) {
                cuts.add("a fifth of all rows cut off as test (seed " + holdOut.seed() + ")");
            }
            if (!splits.containsKey(VALIDATION)) {
                cuts.add("validation cut from the training rows (" + holdOut + ")");
            }
            var prepared = cuts.isEmpty() ? "the set's own splits" : String.join(", ", cuts);
            return new ImageData(
                    new TaskData(
                            name,
                            train,
                            validation,
                            test,
                            new Provenance(source, licence, prepared, hashes)),
                    pictures);
        }

        private LabelledTexts split(String split) {
            return new LabelledTexts(
                    name + " " + split, splits.getOrDefault(split, List.of()), classes);
        }
    }
}
