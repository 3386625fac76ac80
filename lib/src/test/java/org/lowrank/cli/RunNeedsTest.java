package org.lowrank.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.experiment.memory.Base;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.run.Planner;
import org.lowrank.experiment.spec.RunConfig;
import org.lowrank.experiment.spec.SpecificationReader;

class RunNeedsTest {

    private static final Path TABLE = Path.of("../notebooks/tables/language_model.json");

    @TempDir private Path folder;

    private Planner planner(String profile) throws IOException {
        return new Planner(SpecificationReader.read(TABLE, profile), RunFolder.at(folder));
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
                    "metamath/MetaMathQA-395K.json",
                    "GPU memory",
                    "hours (LoRA, "
                }) {
            assertTrue(text.contains(part), text);
        }
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
