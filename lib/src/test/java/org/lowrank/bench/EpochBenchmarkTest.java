package org.lowrank.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.data.glue.GlueTask;
import org.lowrank.data.glue.HoldOut;
import org.lowrank.data.source.DataRoot;

class EpochBenchmarkTest {

    @BeforeAll
    static void dataIsHere() {
        assumeTrue(
                DataRoot.ofThisMachine().contains("glue/CoLA/train.tsv"),
                "CoLA is not in LOWRANK_DATA");
    }

    private static EpochBenchmark.Result measure(int steps) throws IOException {
        var data = GlueTask.COLA.load(DataRoot.ofThisMachine(), HoldOut.STANDARD);
        return EpochBenchmark.measure("all-MiniLM-L6-v2", data, steps);
    }

    @Test
    void aPartOfAnEpochIsScaledToTheWholeBySentences() throws IOException {
        var result = measure(8);
        assertEquals(8 * 32, result.sentences());
        assertTrue(result.tokens() >= 4 * result.sentences(), "two special tokens and some words");
        // 7695 sentences, 90 % of CoLA's 8551, of which 256 were seen
        assertEquals(30.05859375, result.epochSeconds() / result.seconds(), 1e-9);
    }

    @Test
    void itsTableHasOneRow(@TempDir Path folder) throws IOException {
        EpochBenchmark.write(
                folder, new EpochBenchmark.Result("cola", "MiniLM", 256, 3000, 2, 1.5, 60.1));
        assertEquals(
                "cola,MiniLM,256,3000,2.00,1500,1.500,60.1",
                Files.readAllLines(folder.resolve("bench_epoch.csv")).get(1));
        var markdown = Files.readString(folder.resolve("bench_epoch.md"));
        assertTrue(markdown.contains("1.50 times the plain products"), markdown);
    }

    /** Needs a machine that does nothing else. */
    @Test
    @Tag("soak")
    void anEpochOfColaTakesLessThanNinetySeconds() throws IOException {
        var result = measure(Integer.MAX_VALUE);
        System.out.println(result);
        assertTrue(result.epochSeconds() < 90, result.toString());
    }
}
