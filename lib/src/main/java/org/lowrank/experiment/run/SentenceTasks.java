package org.lowrank.experiment.run;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.lowrank.data.LabelledTexts;
import org.lowrank.data.TaskData;
import org.lowrank.data.glue.GlueTask;
import org.lowrank.data.glue.HoldOut;
import org.lowrank.data.glue.Trec;
import org.lowrank.data.languagetool.Acceptability;
import org.lowrank.data.source.DataRoot;
import org.lowrank.data.source.LocalRepository;
import org.lowrank.task.TaskConfig;

/** The tasks over sentences by the names of a specification. */
final class SentenceTasks {

    static final String ACCEPTABILITY = "languagetool/acceptability";
    static final String TREC = "trec";
    private static final String GLUE = "glue/";

    /** Of the training rows, however many validation rows are asked for. */
    private static final double MOST_HELD_OUT = 0.5;

    private SentenceTasks() {}

    static List<String> names() {
        var names = new ArrayList<String>();
        Arrays.stream(GlueTask.values())
                .map(task -> GLUE + task.title().toLowerCase(Locale.ROOT))
                .forEach(names::add);
        names.add(ACCEPTABILITY);
        names.add(TREC);
        return names;
    }

    /** The metric of the papers' tables, or accuracy. */
    static String metric(String name) {
        return name.startsWith(GLUE)
                ? GlueTask.named(name.substring(GLUE.length())).metrics().get(0).label()
                : Trec.METRIC.label();
    }

    /** What {@link SentenceTask#scores} gives for the task. */
    static List<String> metrics(String name) {
        int classes =
                switch (name) {
                    case ACCEPTABILITY -> 2;
                    case TREC -> Trec.LABELS.size();
                    default -> GlueTask.named(name.substring(GLUE.length())).labelNames().size();
                };
        return SentenceTask.metrics(classes);
    }

    /** True for two texts a row, false for one. */
    static boolean isPair(String name) {
        return name.startsWith(GLUE) && GlueTask.named(name.substring(GLUE.length())).isPair();
    }

    /** Train, validation and test rows as a configuration asks for them. */
    static TaskData load(TaskConfig config) throws IOException {
        var all = read(config);
        long seed = config.splitSeed();
        var held = " left beside the " + all.validation().size() + " that are held out";
        return new TaskData(
                all.name(),
                part(all.train(), "train_rows", config.trainRows(), held, seed),
                part(
                        all.validation(),
                        "validation_rows",
                        config.validationRows(),
                        ": no more than half of the training rows are held out",
                        seed),
                part(all.test(), "test_rows", config.testRows(), "", seed),
                all.provenance());
    }

    private static TaskData read(TaskConfig config) throws IOException {
        var standard = HoldOut.STANDARD;
        var holdOut =
                config.validationRows() == 0
                        ? new HoldOut(standard.share(), standard.most(), config.splitSeed())
                        : new HoldOut(MOST_HELD_OUT, config.validationRows(), config.splitSeed());
        var root = DataRoot.ofThisMachine();
        return switch (config.name()) {
            case ACCEPTABILITY ->
                    Acceptability.load(LocalRepository.ofThisMachine(), config.splitSeed());
            case TREC -> Trec.load(root, holdOut);
            default -> GlueTask.named(config.name().substring(GLUE.length())).load(root, holdOut);
        };
    }

    private static LabelledTexts part(
            LabelledTexts split, String limit, int rows, String why, long seed) {
        if (rows > split.size()) {
            throw new IllegalArgumentException(
                    split.name()
                            + " has "
                            + split.size()
                            + " rows"
                            + why
                            + "; task."
                            + limit
                            + " asks for "
                            + rows
                            + ", name at most "
                            + split.size()
                            + ", or 0 for all");
        }
        return rows == 0 ? split : split.sample(rows, seed);
    }
}
