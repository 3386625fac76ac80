package org.lowrank.data.glue;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lowrank.data.LabelledTexts;
import org.lowrank.data.TaskData;
import org.lowrank.data.source.DataRoot;
import org.lowrank.data.source.Manifest;
import org.lowrank.engine.Checksums;

/** The readers on the official files, where they are at hand. */
class GlueFilesTest {

    private static final DataRoot ROOT = DataRoot.ofThisMachine();

    private static TaskData load(GlueTask task) throws IOException {
        for (var file : Manifest.named(task.manifestName()).files()) {
            assumeTrue(ROOT.contains(file.path()), file.path() + " is not in " + ROOT.folder());
        }
        var data = task.load(ROOT);
        assertFalse(data.provenance().preparation().contains("NOT the"), data.toString());
        return data;
    }

    private static int[] together(LabelledTexts one, LabelledTexts two) {
        var counts = one.classCounts();
        Arrays.setAll(counts, k -> counts[k] + two.classCounts()[k]);
        return counts;
    }

    private static void assertCounts(TaskData data, int[] train, int[] test, int validation) {
        assertArrayEquals(train, together(data.train(), data.validation()), data.toString());
        assertArrayEquals(test, data.test().classCounts(), data.toString());
        assertEquals(validation, data.validation().size());
        assertEquals(data.train().majorityRate(), data.validation().majorityRate(), 0.002);
    }

    @Test
    void colaHas8551And1043Rows() throws IOException {
        var data = load(GlueTask.COLA);
        assertCounts(data, new int[] {2528, 6023}, new int[] {322, 721}, 856);
        assertEquals(
                "Our friends won't buy this analysis, let alone the next one we propose.",
                data.train().examples().get(0).text());
    }

    @Test
    void sst2Has67349And872Rows() throws IOException {
        var counts = new int[] {29780, 37569};
        assertCounts(load(GlueTask.SST2), counts, new int[] {428, 444}, 2000);
    }

    @Test
    void mrpcHas3668And408RowsAndALabelledTestSetOf1725() throws IOException {
        var counts = new int[] {1194, 2474};
        assertCounts(load(GlueTask.MRPC), counts, new int[] {129, 279}, 367);
        assertArrayEquals(new int[] {578, 1147}, GlueTask.mrpcOfficialTest(ROOT).classCounts());
    }

    @Test
    void rteHas2490And277Rows() throws IOException {
        assertCounts(load(GlueTask.RTE), new int[] {1249, 1241}, new int[] {146, 131}, 249);
    }

    @Test
    void stsbHas5749And1500ScoresFromZeroToFive() throws IOException {
        var data = load(GlueTask.STSB);
        assertEquals(5749, data.train().size() + data.validation().size());
        assertEquals(1500, data.test().size());
        var scores = Arrays.stream(data.test().targets()).summaryStatistics();
        assertEquals(0, scores.getMin());
        assertEquals(5, scores.getMax());
        assertEquals(2.363907555555555, scores.getAverage(), 1e-12);
    }

    @Test
    void theDevSetOfQnliHas5463Rows() throws IOException {
        var path = "glue/QNLI/dev.tsv";
        assumeTrue(ROOT.contains(path), path + " is not in " + ROOT.folder());
        var rows =
                TsvFile.withHeader(ROOT.file(path, "glue/QNLI"), List.of("question", "sentence"))
                        .rows();
        var counts = new int[2];
        for (var row : rows) {
            counts[row.label("label", GlueTask.QNLI.labelNames())]++;
        }
        assertArrayEquals(new int[] {2702, 2761}, counts);
    }

    @Test
    void trecHas5452And500Questions() throws IOException {
        assumeTrue(ROOT.contains("trec/TREC.train"), "TREC.train is not in " + ROOT.folder());
        var data = Trec.load(ROOT, HoldOut.STANDARD);
        assertFalse(data.provenance().preparation().contains("NOT the"), data.toString());
        assertCounts(
                data,
                new int[] {86, 1162, 1250, 1223, 835, 896},
                new int[] {9, 138, 94, 65, 81, 113},
                546);
    }

    static Stream<Manifest.DataFile> knownFiles() throws IOException {
        var files = Stream.<Manifest.DataFile>builder();
        for (var name : Manifest.NAMES) {
            var manifest = Manifest.named(name);
            if (manifest.artifact() == null) {
                manifest.files().stream().filter(f -> f.bytes() != null).forEach(files::add);
            }
        }
        return files.build();
    }

    @ParameterizedTest
    @MethodSource("knownFiles")
    void aFileThatIsHereHasTheSizeAndTheHashOfItsManifest(Manifest.DataFile file)
            throws IOException {
        assumeTrue(ROOT.contains(file.path()), file.path() + " is not in " + ROOT.folder());
        var place = ROOT.file(file.path(), "");
        assertEquals(file.bytes(), Files.size(place));
        assertEquals(file.sha256(), Checksums.of(place));
    }
}
