package org.lowrank.data.glue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.lowrank.data.DataFormatException;
import org.lowrank.data.LabelledText;
import org.lowrank.data.LabelledTexts;
import org.lowrank.data.Provenance;
import org.lowrank.data.TaskData;
import org.lowrank.data.source.DataRoot;
import org.lowrank.data.source.Manifest;
import org.lowrank.engine.Checksums;

/** Reads the files of one GLUE task and remembers their hashes. */
final class GlueReader {

    private static final List<String> ZERO_ONE = List.of("0", "1");
    private static final List<String> COLA_COLUMNS = List.of("source", "label", "star", "sentence");

    /**
     * QQP's train.tsv as it was published has questions with a line break inside: 3 rows that lie
     * on 6 lines or so, none with 6 cells. They are left out.
     */
    private static final int BROKEN_LINES_OF_QQP = 16;

    private static final String ID_1 = "#1 ID";
    private static final String ID_2 = "#2 ID";

    private final GlueTask task;
    private final DataRoot root;
    private final Map<String, String> hashes = new LinkedHashMap<>();
    private final Map<String, Integer> rows = new LinkedHashMap<>();
    private final Map<String, List<Integer>> leftOut = new TreeMap<>();

    GlueReader(GlueTask task, DataRoot root) {
        this.task = task;
        this.root = root;
    }

    TaskData load(HoldOut holdOut) throws IOException {
        List<LabelledText> train;
        List<LabelledText> dev;
        if (task == GlueTask.MRPC) {
            var devIds = mrpcDevIds();
            train = mrpc("msr_paraphrase_train.txt", row -> !devIds.contains(ids(row)));
            dev = mrpc("msr_paraphrase_train.txt", row -> devIds.contains(ids(row)));
            var chosen = " by the ids of " + place("dev_ids.tsv");
            DataFormatException.requireRows(
                    place("msr_paraphrase_train.txt"), train.size(), 2, chosen);
            DataFormatException.requireRows(
                    place("msr_paraphrase_train.txt"), dev.size(), 1, chosen);
        } else {
            train = counted("train.tsv");
            dev = counted(task == GlueTask.MNLI ? "dev_matched.tsv" : "dev.tsv");
        }
        var all = dataset("train", train);
        var parts = all.part(holdOut.rowsOf(all.size()), holdOut.seed());
        return new TaskData(
                task.title(),
                parts.rest(),
                parts.taken().named(task.title() + " validation"),
                dataset("test", dev),
                provenance(holdOut));
    }

    /** The test set of MRPC, whose labels are public. */
    LabelledTexts mrpcOfficialTest() throws IOException {
        return dataset("official test", mrpc("msr_paraphrase_test.txt", row -> true));
    }

    private LabelledTexts dataset(String split, List<LabelledText> examples) {
        return new LabelledTexts(task.title() + " " + split, examples, task.labelNames());
    }

    private List<LabelledText> counted(String file) throws IOException {
        var examples = examples(file);
        DataFormatException.requireRows(
                place(file), examples.size(), file.startsWith("train") ? 2 : 1, "");
        rows.put(path(file), examples.size());
        return examples;
    }

    private List<LabelledText> examples(String file) throws IOException {
        return switch (task) {
            case COLA -> rows(TsvFile.withoutHeader(place(file), COLA_COLUMNS), this::cola);
            case SST2 -> read(file, List.of("sentence", "label"), this::sst2);
            case QQP ->
                    read(
                            file,
                            List.of("question1", "question2", "is_duplicate"),
                            pair("question1", "question2", "is_duplicate", ZERO_ONE, ""));
            case STSB ->
                    read(file, List.of("genre", "sentence1", "sentence2", "score"), this::stsb);
            case MNLI ->
                    read(
                            file,
                            List.of("genre", "sentence1", "sentence2", "gold_label"),
                            pair("sentence1", "sentence2", "gold_label", names(), "genre"));
            case QNLI ->
                    read(
                            file,
                            List.of("question", "sentence", "label"),
                            pair("question", "sentence", "label", names(), ""));
            case RTE ->
                    read(
                            file,
                            List.of("sentence1", "sentence2", "label"),
                            pair("sentence1", "sentence2", "label", names(), ""));
            case MRPC -> throw new IllegalStateException("MRPC is rebuilt from its original files");
        };
    }

    private List<String> names() {
        return task.labelNames();
    }

    private LabelledText cola(TsvFile.Row row) throws DataFormatException {
        var label = row.label("label", ZERO_ONE);
        return single(row, row.cell("sentence"), label, row.cell("source"));
    }

    private LabelledText sst2(TsvFile.Row row) throws DataFormatException {
        return single(row, row.cell("sentence"), row.label("label", ZERO_ONE), "");
    }

    private LabelledText stsb(TsvFile.Row row) throws DataFormatException {
        var score = row.score("score", 0, GlueTask.MAX_SCORE);
        return two(row, row.cell("sentence1"), row.cell("sentence2"), score, row.cell("genre"));
    }

    private static RowReader pair(
            String first, String second, String label, List<String> names, String origin) {
        return row ->
                two(
                        row,
                        row.cell(first),
                        row.cell(second),
                        row.label(label, names),
                        origin.isEmpty() ? "" : row.cell(origin));
    }

    private HashSet<String> mrpcDevIds() throws IOException {
        var ids = new HashSet<String>();
        for (var row : TsvFile.withoutHeader(place("dev_ids.tsv"), List.of(ID_1, ID_2)).rows()) {
            ids.add(ids(row));
        }
        return ids;
    }

    private static String ids(TsvFile.Row row) {
        return row.cell(ID_1) + " " + row.cell(ID_2);
    }

    private List<LabelledText> mrpc(String file, Predicate<TsvFile.Row> wanted) throws IOException {
        var columns = List.of("Quality", ID_1, ID_2, "#1 String", "#2 String");
        var examples = new ArrayList<LabelledText>();
        for (var row : TsvFile.withHeader(place(file), columns).rows()) {
            if (wanted.test(row)) {
                var first = row.cell("#1 String");
                var label = row.label("Quality", ZERO_ONE);
                examples.add(two(row, first, row.cell("#2 String"), label, ""));
            }
        }
        return examples;
    }

    private List<LabelledText> read(String file, List<String> columns, RowReader reader)
            throws IOException {
        var tsv =
                TsvFile.withHeader(
                        place(file), columns, task == GlueTask.QQP ? BROKEN_LINES_OF_QQP : 0);
        if (!tsv.leftOut().isEmpty()) {
            leftOut.put(path(file), tsv.leftOut());
        }
        return rows(tsv, reader);
    }

    private static List<LabelledText> rows(TsvFile file, RowReader reader) throws IOException {
        var examples = new ArrayList<LabelledText>();
        for (var row : file.rows()) {
            examples.add(reader.read(row));
        }
        return examples;
    }

    private static LabelledText single(TsvFile.Row row, String text, int label, String origin)
            throws DataFormatException {
        if (text.isEmpty()) {
            throw row.error("the sentence is empty");
        }
        return LabelledText.of(text, label, origin);
    }

    private static LabelledText two(
            TsvFile.Row row, String first, String second, double target, String origin)
            throws DataFormatException {
        if (first.isEmpty() && second.isEmpty()) {
            throw row.error("both texts are empty");
        }
        return LabelledText.ofPair(first, second, target, origin);
    }

    private String path(String name) {
        return task.manifestName() + "/" + name;
    }

    private Path place(String name) throws IOException {
        var path = path(name);
        var file = root.file(path, task.manifestName());
        hashes.put(path, Checksums.of(file));
        return file;
    }

    private Provenance provenance(HoldOut holdOut) throws IOException {
        return Manifest.named(task.manifestName())
                .provenance(
                        "validation cut from the training rows (%s), test = GLUE dev%s"
                                .formatted(holdOut, otherRows()),
                        hashes)
                .without(leftOut);
    }

    /** Files whose bytes nobody has measured are held to the published numbers of their rows. */
    private String otherRows() throws IOException {
        var manifest = Manifest.named(task.manifestName());
        var others = new ArrayList<String>();
        rows.forEach(
                (path, count) -> {
                    var known = manifest.file(path).orElse(null);
                    if (known != null && known.sha256() == null && known.rows() != count) {
                        others.add(path + " has " + count + " for " + known.rows());
                    }
                });
        return others.isEmpty() ? "" : "; NOT the rows of the manifest: " + others;
    }

    @FunctionalInterface
    private interface RowReader {
        LabelledText read(TsvFile.Row row) throws DataFormatException;
    }
}
