package org.lowrank.task;

import java.io.IOException;
import java.util.List;
import org.lowrank.data.LabelledTexts;
import org.lowrank.data.TaskData;
import org.lowrank.data.glue.HoldOut;
import org.lowrank.data.source.NeededFile;

/** Where the rows of a task over texts come from. */
@FunctionalInterface
public interface TextSource {

    /** Of the training rows, however many validation rows are asked for. */
    double MOST_HELD_OUT = 0.5;

    /**
     * The three splits; samples of them are taken by {@link #load}.
     *
     * @throws IOException if they cannot be had; the message says how to get them
     */
    TaskData read(TaskConfig config) throws IOException;

    /** The files of the data folder that it reads; none where the rows come from elsewhere. */
    default List<NeededFile> files() {
        return List.of();
    }

    /** What is held out of the training rows where a set has no validation split. */
    static HoldOut holdOut(TaskConfig config) {
        var standard = HoldOut.STANDARD;
        return config.validationRows() == 0
                ? new HoldOut(standard.share(), standard.most(), config.splitSeed())
                : new HoldOut(MOST_HELD_OUT, config.validationRows(), config.splitSeed());
    }

    /** Train, validation and test rows as a configuration asks for them. */
    default TaskData load(TaskConfig config) throws IOException {
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

    private static LabelledTexts part(
            LabelledTexts split, String limit, int rows, String why, long seed) {
        if (rows > split.size()) {
            throw new IllegalArgumentException(
                    "%s has %s rows%s; task.%s asks for %s, name at most %s, or 0 for all"
                            .formatted(split.name(), split.size(), why, limit, rows, split.size()));
        }
        return rows == 0 ? split : split.sample(rows, seed);
    }
}
