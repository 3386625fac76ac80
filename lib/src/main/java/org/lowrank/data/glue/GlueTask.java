package org.lowrank.data.glue;

import static org.lowrank.data.score.ClassMetric.ACCURACY;
import static org.lowrank.data.score.ClassMetric.F1;
import static org.lowrank.data.score.ClassMetric.MATTHEWS;
import static org.lowrank.data.score.ScoreMetric.PEARSON;
import static org.lowrank.data.score.ScoreMetric.SPEARMAN;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.lowrank.data.DataFormatException;
import org.lowrank.data.LabelledTexts;
import org.lowrank.data.TaskData;
import org.lowrank.data.score.Metric;
import org.lowrank.data.source.DataRoot;
import org.lowrank.data.source.NeededFile;

/**
 * The tasks of GLUE that the papers report. {@code GlueTask.COLA.load()} gives the three splits:
 * the training rows less a validation split that is cut from them, and the dev set as the test
 * split.
 *
 * <p>The classes stand in GLUE's own order, and the first metric is the one of the papers' tables.
 */
public enum GlueTask {
    /** Is the sentence acceptable English? Warstadt et al. 2019. */
    COLA("CoLA", List.of("unacceptable", "acceptable"), List.of(MATTHEWS, ACCURACY)),
    /**
     * Is the phrase of a film review positive? Socher et al. 2013. The training rows hold phrases
     * of one sentence, so a validation split cut from them is easier than the test split.
     */
    SST2("SST-2", List.of("negative", "positive"), List.of(ACCURACY)),
    /** Do two sentences say the same? Dolan and Brockett 2005; a dev set by the official ids. */
    MRPC("MRPC", List.of("not_equivalent", "equivalent"), List.of(ACCURACY, F1)),
    /** Do two questions ask the same? Quora 2017. */
    QQP("QQP", List.of("not_duplicate", "duplicate"), List.of(ACCURACY, F1)),
    /** How alike are two sentences, from 0 to 5? Cer et al. 2017. */
    STSB("STS-B", List.of(), List.of(PEARSON, SPEARMAN)),
    /** Does the premise entail the hypothesis? Williams et al. 2018; tested on the matched part. */
    MNLI("MNLI", List.of("entailment", "neutral", "contradiction"), List.of(ACCURACY)),
    /** Does the sentence answer the question? From SQuAD, Rajpurkar et al. 2016. */
    QNLI("QNLI", List.of("entailment", "not_entailment"), List.of(ACCURACY)),
    /** Does the first text entail the second? PASCAL RTE 1, 2, 3 and 5. */
    RTE("RTE", List.of("entailment", "not_entailment"), List.of(ACCURACY));

    /** The largest score of STS-B. */
    public static final double MAX_SCORE = 5;

    private final String title;
    private final List<String> labelNames;
    private final List<Metric<?, ?>> metrics;

    GlueTask(String title, List<String> labelNames, List<Metric<?, ?>> metrics) {
        this.title = title;
        this.labelNames = labelNames;
        this.metrics = metrics;
    }

    /** The task from the data folder of this machine, in its standard split. */
    public TaskData load() throws IOException {
        return load(DataRoot.ofThisMachine());
    }

    /** The task from a data folder, in its standard split. */
    public TaskData load(DataRoot root) throws IOException {
        return load(root, HoldOut.STANDARD);
    }

    /**
     * The task with a validation split of one's own.
     *
     * @throws org.lowrank.data.source.DataNotFoundException if a file is not there; the message
     *     says which, where it was looked for, and how to get it
     * @throws DataFormatException if a line is not as it should be; the message names it
     */
    public TaskData load(DataRoot root, HoldOut holdOut) throws IOException {
        return new GlueReader(this, root).load(holdOut);
    }

    /** The test set of MRPC, 1,725 pairs; the only one of GLUE whose labels are public. */
    public static LabelledTexts mrpcOfficialTest(DataRoot root) throws IOException {
        return new GlueReader(MRPC, root).mrpcOfficialTest();
    }

    /**
     * The task of a name, in any case and with or without a hyphen: {@code cola}, {@code SST-2}.
     *
     * @throws IllegalArgumentException if there is none; the message lists those there are
     */
    public static GlueTask named(String name) {
        return Arrays.stream(values())
                .filter(task -> plain(task.title).equals(plain(name)))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "there is no GLUE task '"
                                                + name
                                                + "'; there are "
                                                + Arrays.stream(values())
                                                        .map(GlueTask::title)
                                                        .toList()));
    }

    /** The name as the papers print it, which is also the name of its folder. */
    public String title() {
        return title;
    }

    /** The name of its manifest, for example {@code glue/CoLA}. */
    public String manifestName() {
        return "glue/" + title;
    }

    /** The files that {@link #load} reads. */
    public List<NeededFile> files() {
        var names =
                switch (this) {
                    case MRPC -> List.of("msr_paraphrase_train.txt", "dev_ids.tsv");
                    case MNLI -> List.of("train.tsv", "dev_matched.tsv");
                    default -> List.of("train.tsv", "dev.tsv");
                };
        return names.stream()
                .map(name -> new NeededFile(manifestName() + "/" + name, manifestName()))
                .toList();
    }

    /** The classes in the order of their numbers; empty for the scores of STS-B. */
    public List<String> labelNames() {
        return labelNames;
    }

    /** The official metrics, the one of the papers' tables first. */
    public List<Metric<?, ?>> metrics() {
        return metrics;
    }

    /** True for two texts, false for one. */
    public boolean isPair() {
        return this != COLA && this != SST2;
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replace("-", "");
    }
}
