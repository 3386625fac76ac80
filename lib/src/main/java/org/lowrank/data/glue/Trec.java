package org.lowrank.data.glue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.lowrank.data.DataFormatException;
import org.lowrank.data.LabelledText;
import org.lowrank.data.LabelledTexts;
import org.lowrank.data.TaskData;
import org.lowrank.data.score.ClassMetric;
import org.lowrank.data.source.DataRoot;
import org.lowrank.data.source.Manifest;
import org.lowrank.engine.Checksums;

/**
 * What does a question ask for? Six classes, 5,452 questions to train on and 500 to test, Li and
 * Roth 2002. Small, quick and without pairs: a task for first steps.
 */
public final class Trec {

    /** Abbreviation, description, entity, human, location, number. */
    public static final List<String> LABELS = List.of("ABBR", "DESC", "ENTY", "HUM", "LOC", "NUM");

    public static final ClassMetric METRIC = ClassMetric.ACCURACY;
    public static final String NAME = "trec";

    private static final String TRAIN = "trec/TREC.train";
    private static final String TEST = "trec/TREC.test";

    private Trec() {}

    /** The task from the data folder of this machine, in its standard split. */
    public static TaskData load() throws IOException {
        return load(DataRoot.ofThisMachine(), HoldOut.STANDARD);
    }

    /** The task from a data folder; the validation split is cut from the training rows. */
    public static TaskData load(DataRoot root, HoldOut holdOut) throws IOException {
        var all = read(root, TRAIN, "TREC train");
        var parts = all.part(holdOut.rowsOf(all.size()), holdOut.seed());
        return new TaskData(
                "TREC",
                parts.rest(),
                parts.taken().named("TREC validation"),
                read(root, TEST, "TREC test"),
                Manifest.named(NAME)
                        .provenance(
                                "validation cut from the training rows (" + holdOut + ")",
                                Map.of(
                                        TRAIN, Checksums.of(root.file(TRAIN, NAME)),
                                        TEST, Checksums.of(root.file(TEST, NAME)))));
    }

    /** Lines such as {@code DESC:manner How did …}, in Latin-1. */
    private static LabelledTexts read(DataRoot root, String path, String name) throws IOException {
        var file = root.file(path, NAME);
        var examples = new ArrayList<LabelledText>();
        var lines = TextLines.read(file, StandardCharsets.ISO_8859_1);
        for (var i = 0; i < lines.size(); i++) {
            var line = lines.get(i);
            var space = line.indexOf(' ');
            var kind = space < 0 ? line : line.substring(0, space);
            var label = LABELS.indexOf(kind.split(":", 2)[0]);
            if (space < 0 || label < 0 || line.substring(space).isBlank()) {
                throw new DataFormatException(
                        file,
                        i + 1,
                        ("expected CLASS:kind, a space and a question, with a class of %s, found"
                                        + " '%s'")
                                .formatted(LABELS, line));
            }
            examples.add(LabelledText.of(line.substring(space).strip(), label, kind));
        }
        DataFormatException.requireRows(file, examples.size(), path.equals(TRAIN) ? 2 : 1, "");
        return new LabelledTexts(name, examples, LABELS);
    }
}
