package org.lowrank.task;

import java.io.IOException;
import java.util.List;
import org.lowrank.config.Problems;
import org.lowrank.data.source.NeededFile;
import org.lowrank.model.head.SentenceClassifier;

/**
 * What is trained on and scored: rows, kind, metrics. Known to tables by the name under which
 * {@link Tasks} has it. The kinds here are {@link TextClassification}, {@link TextRegression},
 * {@link org.lowrank.task.instruction.InstructionTuning} and {@link ImageClassification}.
 */
public interface Task {

    /** Every metric that it is scored by; first the one of tables and of the choice of the rate. */
    List<String> metrics();

    /** True of a metric whose smaller values are the better ones: a loss, which is no share. */
    default boolean isLoss(String metric) {
        return metric.equals("loss");
    }

    /** True of a metric that is measured on test rows alone, so that no rate is chosen by it. */
    default boolean isOfTestAlone(String metric) {
        return false;
    }

    /** Reports values of the configuration that this task cannot run with, and what it can. */
    void check(TaskConfig config, Problems problems);

    /** Reports a model that is not there; by default one that is no published name and no path. */
    default void checkModel(String model, Problems problems) {
        Tasks.checkModel(model, SentenceClassifier.class, problems);
    }

    /**
     * Puts the task on a model. Bit-equal for equal configurations.
     *
     * @throws IOException if weights or data cannot be had; the message says which and how to get
     *     them
     */
    OpenTask<?> open(TaskConfig config, TaskContext context) throws IOException;

    /**
     * Whether the graph of one layer is kept at a time, and every layer computed anew in the
     * backward pass: less memory, more time.
     */
    default boolean byLayer() {
        return false;
    }

    /**
     * The files of the data folder that it reads, so that a plan can say what is missing; none
     * where the rows come from elsewhere.
     */
    default List<NeededFile> files() {
        return List.of();
    }

    /**
     * What it holds beside its code, such as rows that a cell has made, or a hash of it: of a name
     * that was registered in this session it is part of the fingerprint that names a run.
     */
    default String contents() {
        return "";
    }
}
