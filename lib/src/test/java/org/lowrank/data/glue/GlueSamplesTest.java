package org.lowrank.data.glue;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.lowrank.data.DataFormatException;
import org.lowrank.data.LabelledText;
import org.lowrank.data.TaskData;
import org.lowrank.data.source.DataNotFoundException;
import org.lowrank.data.source.DataRoot;

/** The readers on made-up rows in the exact format of the official files. */
class GlueSamplesTest {

    private static final DataRoot SAMPLES = new DataRoot(Path.of("..", "datasets", "samples"));

    /** Half of the training rows are held out, as a tenth of ten would be one. */
    private static final HoldOut HALF = new HoldOut(0.5, 100, 3);

    private static LabelledText onlyWith(TaskData task, String text) {
        var found = new ArrayList<LabelledText>();
        task.splits().forEach(split -> found.addAll(split.examples()));
        found.removeIf(example -> !example.text().equals(text));
        assertEquals(1, found.size(), text);
        return found.get(0);
    }

    @ParameterizedTest
    @EnumSource
    void everyTaskHasThreeSplitsOfItsOwnClasses(GlueTask task) throws IOException {
        var data = task.load(SAMPLES, HALF);
        for (var split : data.splits()) {
            assertEquals(task.labelNames(), split.labelNames());
            assertEquals(task.isPair(), split.hasPairs());
        }
        var all = new HashSet<>(data.train().examples());
        all.addAll(data.validation().examples());
        assertEquals(data.train().size() + data.validation().size(), all.size());
        assertEquals(data, task.load(SAMPLES, HALF));
        var otherSeed = new HoldOut(HALF.share(), HALF.most(), HALF.seed() + 1);
        assertNotEquals(data.train(), task.load(SAMPLES, otherSeed).train());
        assertTrue(
                data.provenance().preparation().contains("NOT the bytes of the manifest")
                        || data.provenance().preparation().contains("NOT the rows of the manifest"),
                data.provenance().toString());
    }

    @Test
    void mnliIsReadByTheNamesOfItsTwelveAndSixteenColumns() throws IOException {
        var data = GlueTask.MNLI.load(SAMPLES, HALF);
        var preparation = data.provenance().preparation();
        assertTrue(preparation.contains("glue/MNLI/train.tsv has 12 for 392702"), preparation);
        assertArrayEquals(new int[] {2, 2, 2}, data.train().classCounts());
        assertArrayEquals(new int[] {2, 2, 2}, data.validation().classCounts());
        assertEquals(
                LabelledText.ofPair(
                        "\"Please give soon,\" the letter ended.",
                        "The letter asked for nothing.",
                        2,
                        "letters"),
                data.test().examples().get(1));
    }

    @Test
    void qnliAsksWhetherTheSentenceAnswersTheQuestion() throws IOException {
        var data = GlueTask.QNLI.load(SAMPLES, HALF);
        var example = onlyWith(data, "What does the word \"fell\" mean in the north?");
        assertEquals(
                Optional.of("In the north, \"fell\" means a hill or high moor."),
                example.secondText());
        assertEquals("entailment", data.labelNames().get(example.label()));
    }

    @Test
    void quotationMarksAreTextAndOpenNothing() throws IOException {
        var cola = GlueTask.COLA.load(SAMPLES, HALF);
        assertEquals(10, cola.train().size() + cola.validation().size());
        var quoted = onlyWith(cola, "\"I have seen enough,\" said the ferryman.");
        assertEquals(1, quoted.label());
        assertEquals("cd02", quoted.origin());
        onlyWith(cola, "Nobody had closed the café's windows.");
        onlyWith(GlueTask.SST2.load(SAMPLES, HALF), "\" a triumph \"");
    }

    @Test
    void mrpcIsSplitByTheOfficialDevIds() throws IOException {
        var data = GlueTask.MRPC.load(SAMPLES, HALF);
        assertEquals(8, data.train().size() + data.validation().size());
        assertEquals(
                List.of(
                        "The museum opens its new wing in May .",
                        "A fire damaged the old mill on Tuesday ."),
                data.test().examples().stream().map(LabelledText::text).toList());
        assertEquals(2, GlueTask.mrpcOfficialTest(SAMPLES).size());
    }

    @Test
    void stsbHasScoresAndQqpMayHaveOneEmptyQuestion() throws IOException {
        var stsb = GlueTask.STSB.load(SAMPLES, HALF);
        assertFalse(stsb.train().isClassification());
        assertEquals(4.2, onlyWith(stsb, "\"Enough,\" said the judge.").target());
        var qqp = GlueTask.QQP.load(SAMPLES, HALF);
        assertEquals(Optional.of(""), onlyWith(qqp, "How do I learn to juggle?").secondText());
    }

    @Test
    void trecIsReadAsLatin1WithItsSixClasses() throws IOException {
        var data = Trec.load(SAMPLES, HALF);
        var example = onlyWith(data, "Which city lies where the two Saône bridges meet ?");
        assertEquals("LOC", data.labelNames().get(example.label()));
        assertEquals("LOC:city", example.origin());
        var preparation = data.provenance().preparation();
        assertTrue(preparation.contains("NOT the bytes of the manifest: [trec/"), preparation);
        assertEquals(3, data.test().size());
    }

    @Test
    void aTaskIsFoundByItsNameInAnyCase() {
        assertEquals(GlueTask.SST2, GlueTask.named("sst-2"));
        assertEquals(GlueTask.STSB, GlueTask.named("STSB"));
        var error = assertThrows(IllegalArgumentException.class, () -> GlueTask.named("boolq"));
        assertTrue(error.getMessage().contains("[CoLA, SST-2, MRPC, QQP, STS-B, MNLI, QNLI, RTE]"));
    }

    @Test
    void aMissingFileIsNamedWithItsPlaceAndTheCommandThatGetsIt(@TempDir Path empty) {
        var error =
                assertThrows(
                        DataNotFoundException.class, () -> GlueTask.COLA.load(new DataRoot(empty)));
        var place = empty.resolve("glue/CoLA/train.tsv").toString();
        assertTrue(error.getMessage().contains("Looked for: " + place), error.getMessage());
        assertTrue(
                error.getMessage().contains("To get it: environment/lowrank fetch glue/CoLA"),
                error.getMessage());
        assertTrue(error.getMessage().contains("LOWRANK_DATA"), error.getMessage());
    }

    private static String garbled(Path folder, String content) throws IOException {
        var file = folder.resolve("glue/RTE/train.tsv");
        Files.createDirectories(file.getParent());
        Files.write(file, content.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
        var root = new DataRoot(folder);
        return assertThrows(DataFormatException.class, () -> GlueTask.RTE.load(root)).getMessage();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    0;a;b;entailment~1;a;b          | , line 3: expected 4 cells, [index, sentence1, sentence2, label], found 3
                    0;a;b;entailment~~1;a;b;entailment | , line 3: expected 4 cells, [index, sentence1, sentence2, label], found 1
                    0;a;b;entailment~1;a;b;maybe    | , line 3: expected one of [entailment, not_entailment] as label, found 'maybe'
                    0;a;b;entailment~1;;;entailment | , line 3: both texts are empty
                    0;a;b;entailment~1;a;caf\u00e9;entailment | , line 3: it is not valid UTF-8
                    """)
    void aGarbledLineIsNamedWithFileLineAndExpectation(
            String rows, String expected, @TempDir Path folder) throws IOException {
        var header = "index\tsentence1\tsentence2\tlabel\n";
        var message = garbled(folder, header + rows.replace(';', '\t').replace('~', '\n') + "\n");
        assertEquals(folder.resolve("glue/RTE/train.tsv") + expected, message);
    }

    @Test
    void aForeignFileIsRefusedAtItsHeader(@TempDir Path folder) throws IOException {
        var page = garbled(folder, "<html><body>Not found</body></html>\n");
        assertTrue(page.contains("line 1: it is an HTML page"), page);
        var message = garbled(folder, "nothing\tof\tthe\tkind\n");
        assertTrue(
                message.contains(
                        "line 1: expected a header with the columns [sentence1, sentence2"),
                message);
        assertTrue(garbled(folder, "").contains("line 1: expected a header"));
    }

    @Test
    void aScoreOutsideItsRangeIsRefused(@TempDir Path folder) throws IOException {
        var file = folder.resolve("glue/STS-B/train.tsv");
        Files.createDirectories(file.getParent());
        Files.writeString(file, "genre\tsentence1\tsentence2\tscore\nmade\ta\tb\t5.5\n");
        var error =
                assertThrows(
                        DataFormatException.class, () -> GlueTask.STSB.load(new DataRoot(folder)));
        assertTrue(error.getMessage().endsWith("a number from 0.0 to 5.0 as score, found '5.5'"));
    }

    /** As QQP was published first: a question with a line break inside makes two lines of a row. */
    @Test
    void brokenRowsOfQqpAreLeftOutByLineAndTheProvenanceCountsThem(@TempDir Path folder)
            throws IOException {
        var qqp = Files.createDirectories(folder.resolve("glue/QQP"));
        var samples = SAMPLES.folder().resolve("glue/QQP");
        Files.copy(samples.resolve("dev.tsv"), qqp.resolve("dev.tsv"));
        var sound = Files.readAllLines(samples.resolve("train.tsv"));
        var lines = new ArrayList<>(sound);
        lines.addAll(3, List.of("9\t1\t2\tIs there proof?\t\"", "\"\tWhat is the proof?\t0"));
        Files.write(qqp.resolve("train.tsv"), lines);
        var data = GlueTask.QQP.load(new DataRoot(folder), HALF);
        assertEquals(Map.of("glue/QQP/train.tsv", List.of(4, 5)), data.provenance().leftOut());
        assertTrue(
                data.toString().contains("2 broken lines left out of glue/QQP/train.tsv: [4, 5]"));
        assertEquals(sound.size() - 1, data.train().size() + data.validation().size());
        assertEquals(GlueTask.QQP.load(SAMPLES, HALF).train(), data.train());

        for (int i = 0; i < 20; i++) {
            lines.add("a line of another file");
        }
        Files.write(qqp.resolve("train.tsv"), lines);
        var refused =
                assertThrows(
                        DataFormatException.class,
                        () -> GlueTask.QQP.load(new DataRoot(folder), HALF));
        assertTrue(
                refused.getMessage().contains("found 1 (and before it in the lines [4, 5,"),
                refused.getMessage());
    }

    @Test
    void windowsLineEndsAndALastLineWithoutOneAreRead(@TempDir Path folder) throws IOException {
        var file = folder.resolve("a.tsv");
        Files.writeString(file, "\uFEFFone\ttwo\r\na\tb\u2028c\r\nd\te");
        var rows = TsvFile.withHeader(file, List.of("one", "two")).rows();
        assertEquals(2, rows.size());
        assertEquals("b\u2028c", rows.get(0).cell("two"));
        assertEquals("e", rows.get(1).cell("two"));
    }

    @Test
    void aHoldOutNeverTakesAllAndIsCapped() {
        assertEquals(2000, HoldOut.STANDARD.rowsOf(67349));
        assertEquals(249, HoldOut.STANDARD.rowsOf(2490));
        assertThrows(IllegalArgumentException.class, () -> new HoldOut(1, 10, 1));
        assertThrows(IllegalArgumentException.class, () -> new HoldOut(0.1, 0, 1));
    }
}
