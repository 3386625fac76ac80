package org.lowrank.data.instruction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lowrank.data.instruction.PaperSet.Selection;
import org.lowrank.data.source.DataNotFoundException;
import org.lowrank.data.source.DataRoot;
import org.lowrank.data.source.Manifest;

/** On the made-up rows of {@code datasets/samples}, in the form of the published files. */
class PaperSetTest {

    private static final DataRoot SAMPLES = new DataRoot(Path.of("..", "datasets", "samples"));

    private static List<String> answers(PaperSet set, Selection selection) throws IOException {
        return set.read(SAMPLES, selection).stream().map(Instruction::answer).toList();
    }

    @Test
    void ofMetaMathTheRowsMadeOfGsm8kAreTakenWhole() throws IOException {
        var records = PaperSet.META_MATH.read(SAMPLES, Selection.LORA_PRO);
        assertEquals(2, records.size());
        assertTrue(records.get(0).answer().endsWith("#### 19\nThe answer is: 19"));
        assertEquals(
                "A tram carries 18 riders and 7 get off. How many stay?",
                records.get(1).instruction());
        assertEquals("", records.get(1).input());
    }

    @Test
    void loraGaCutsTheSummary() throws IOException {
        assertEquals(
                "18 - 7 = 11 riders stay.\n#### 11",
                answers(PaperSet.META_MATH, Selection.LORA_GA).get(1));
    }

    @Test
    void ofCodeFeedbackTheFirstFencedBlockIsTheAnswer() throws IOException {
        assertEquals(
                List.of("def double(x):\n    return 2 * x", "wc -l file"),
                answers(PaperSet.CODE_FEEDBACK, Selection.LORA_PRO));
    }

    @Test
    void ofWizardLmAnswersThatRefuseAreLeftOut() throws IOException {
        assertEquals(
                List.of("Gulls and oystercatchers."),
                answers(PaperSet.WIZARD_LM, Selection.LORA_PRO));
    }

    @ParameterizedTest
    @EnumSource(PaperSet.class)
    void allRowsAreThereWhereAllAreAskedFor(PaperSet set) throws IOException {
        assertEquals(3, set.read(SAMPLES, Selection.ALL).size());
    }

    @ParameterizedTest
    @EnumSource(PaperSet.class)
    void whatIsNotThereIsNamedWithTheCommandThatFetchesIt(PaperSet set, @TempDir Path empty)
            throws IOException {
        var error =
                assertThrows(
                        DataNotFoundException.class,
                        () -> set.read(new DataRoot(empty), Selection.LORA_PRO));
        assertTrue(
                error.getMessage().contains("lowrank fetch " + set.manifestName()),
                error.getMessage());
        assertEquals(set.path(), Manifest.named(set.manifestName()).files().get(0).path());
    }

    @Test
    void aSelectionThatLeavesNothingIsRefused(@TempDir Path folder) throws IOException {
        var file = folder.resolve("rows.json");
        Files.writeString(
                file, "[{\"type\": \"MATH_SV\", \"query\": \"2 + 2?\", \"response\": \"4\"}]");
        var error =
                assertThrows(
                        DataFaultsException.class,
                        () -> PaperSet.META_MATH.read(file, Selection.LORA_PRO));
        assertTrue(error.getMessage().contains("none of 1 records"), error.getMessage());
    }

    @Test
    void aRowWithoutItsColumnsIsNamedByLine(@TempDir Path folder) throws IOException {
        var file = folder.resolve("rows.jsonl");
        Files.writeString(file, "{\"query\": \"2 + 2?\"}\n");
        var error =
                assertThrows(
                        DataFaultsException.class,
                        () -> PaperSet.CODE_FEEDBACK.read(file, Selection.ALL));
        assertTrue(error.getMessage().contains("line 1"), error.getMessage());
    }
}
