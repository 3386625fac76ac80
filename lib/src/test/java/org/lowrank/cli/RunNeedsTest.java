package org.lowrank.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.lowrank.experiment.memory.Base;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.run.Planner;
import org.lowrank.experiment.spec.RunConfig;
import org.lowrank.experiment.spec.SpecificationReader;

@Isolated // one test names another data folder
class RunNeedsTest {

    private static final Path TABLES = Path.of("../notebooks/tables");

    @TempDir private Path folder;

    private Planner planner(String profile) throws IOException {
        return planner("language_model", profile);
    }

    private Planner planner(String table, String profile) throws IOException {
        var file = TABLES.resolve(table + ".json");
        return new Planner(SpecificationReader.read(file, profile), RunFolder.at(folder));
    }

    private RunConfig first(String method, String task) throws IOException {
        return planner("paper").plan().stream()
                .filter(c -> c.cell().row().equals(method))
                .filter(c -> c.cell().task().label().equals(task))
                .flatMap(c -> c.runs())
                .findFirst()
                .orElseThrow()
                .config();
    }

    @Test
    void aTableOfSmallModelsNeedsNothingToBeSaid() throws IOException {
        assertTrue(RunNeeds.of(planner("cpu")).isEmpty());
    }

    @Test
    void aTableOfLlamaNamesModelDataMemoryAndHours() throws IOException {
        var text = RunNeeds.of(planner("paper")).orElseThrow();
        for (var part :
                new String[] {
                    "model Llama-3.1-8B",
                    "data metamath/MetaMathQA-395K.json: ",
                    "data codefeedback/CodeFeedback-Filtered-Instruction.jsonl: ",
                    "data wizardlm/wizard_700k.jsonl: ",
                    "data gsm8k/test.jsonl: ",
                    "data gsm8k/train.jsonl: ", // for the five examples
                    "GPU memory as configured (bfloat16, float32): ",
                    "GPU memory, base in Q4_K where it can be: ",
                    "hours (LoRA, "
                }) {
            assertTrue(text.contains(part), text);
        }
    }

    /** What is there and what is not, in a folder that has one of the files. */
    @Test
    void eachFileThatIsReadIsHereOrIsToBeFetched() throws IOException {
        var here = folder.resolve("data").resolve("gsm8k").resolve("test.jsonl");
        Files.createDirectories(here.getParent());
        Files.writeString(here, "{}");
        System.setProperty("lowrank.data", folder.resolve("data").toString());
        try {
            var text = RunNeeds.of(planner("paper")).orElseThrow();
            for (var line :
                    new String[] {
                        "data gsm8k/test.jsonl: is here\n",
                        "data gsm8k/train.jsonl: not here; environment/lowrank fetch gsm8k\n",
                        "data wizardlm/wizard_700k.jsonl: not here; environment/lowrank fetch"
                                + " wizardlm\n"
                    }) {
                assertTrue(text.contains(line), text);
            }
            var glue = RunNeeds.of(planner("glue_text_fixed", "paper")).orElseThrow();
            for (var line :
                    new String[] {
                        "model t5-base: ",
                        "data glue/MNLI/dev_matched.tsv: not here; environment/lowrank fetch"
                                + " glue/MNLI\n",
                        "data glue/MRPC/dev_ids.tsv: not here"
                    }) {
                assertTrue(glue.contains(line), glue);
            }
        } finally {
            System.clearProperty("lowrank.data");
        }
    }

    @TestFactory
    List<DynamicTest> everyTableOfALanguageModelSaysWhatItNeedsOnTheModelsOfThePapers()
            throws IOException {
        try (var files = Files.list(TABLES)) {
            return files.map(file -> file.getFileName().toString().replace(".json", ""))
                    .filter(name -> name.startsWith("language_model"))
                    .sorted()
                    .map(name -> DynamicTest.dynamicTest(name, () -> needs(name)))
                    .toList();
        }
    }

    private void needs(String name) throws IOException {
        var text = RunNeeds.of(planner(name, "paper")).orElseThrow();
        for (var part : new String[] {"model Llama-", "data ", "GPU memory as", " hours ("}) {
            assertTrue(text.contains(part), text);
        }
        boolean mawps = name.equals("language_model_mawps");
        assertTrue(text.contains(mawps ? "mawps_testset.json" : "data gsm8k/test.jsonl: "), text);
    }

    /** 8,030,261,248 weights in float32, four times where all of them move. */
    @Test
    void memoryIsThatOfTheModelBeforeItIsHere() throws IOException {
        double weights = 4 * 8_030_261_248.0;
        double lora = RunNeeds.bytes(first("LoRA", "GSM8K"), Base.FLOAT32);
        double full = RunNeeds.bytes(first("Full FT", "GSM8K"), Base.FLOAT32);
        assertTrue(lora > weights && lora < 1.25 * weights, lora + " bytes");
        assertTrue(full > 4 * weights && full < 4.25 * weights, full + " bytes");
    }

    /**
     * 3000 steps of 4 rows of 511 tokens: 4 W + 6 (adapters) + 2 W, as layers are computed anew.
     */
    @Test
    void timeIsCountedFromTheOperations() throws IOException {
        double w = 32.0 * (2 * 4096 * 4096.0 + 2 * 1024 * 4096.0 + 3 * 4096 * 14336.0);
        double pairs = 8 * 32 * (2 * 8192.0 + 2 * 5120);
        double expected = 3000.0 * 4 * 511 * (6 * w + 6 * pairs) / 1e13;
        assertEquals(expected, RunNeeds.seconds(first("LoRA", "GSM8K")), 1e-6 * expected);
    }
}
