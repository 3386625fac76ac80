package org.lowrank.experiment.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lowrank.experiment.run.SumsTable.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.record.RunRecord;
import org.lowrank.train.Checkpoints;

/** A small decoder on small sums, from a file to a record. */
class InstructionRunTest {

    @TempDir private Path root;
    private SumsTable sums;

    @BeforeEach
    void files() throws IOException {
        sums = SumsTable.in(root);
    }

    @Test
    void aRunOnAFileLearnsAnswersAndEndsAliveAfterStopsBitEqual() throws IOException {
        var config = sums.config("", "");
        var record = run(RunFolder.at(root.resolve("straight")), config);
        var test = record.trainInfo().test();
        assertEquals(
                Set.of("answer_nll", "perplexity", "exact_match", "last_number", "expression"),
                test.metrics().keySet());
        assertEquals(Set.of("answer_nll", "perplexity"), test.majority().keySet());
        assertTrue(
                test.metrics().get("answer_nll") < test.majority().get("answer_nll") - 0.5,
                test.toString());
        assertEquals(
                Math.exp(test.metrics().get("answer_nll")), test.metrics().get("perplexity"), 1e-9);
        assertEquals(
                Set.of("answer_nll", "perplexity"),
                record.trainInfo().validation().metrics().keySet());
        var data = record.metaInfo().data();
        assertEquals(46, data.get("train_rows"));
        assertEquals(8, data.get("validation_rows"));
        assertEquals(6, data.get("test_rows"));
        assertEquals(1, ((Map<?, ?>) data.get("train")).get("left_out"));
        assertEquals(64, data.get("train_sha256").toString().length());
        // two linears a layer of (32, 32), two of (16, 32), three of the feed-forward part
        int sizes = 2 * (32 + 32) + 2 * (16 + 32) + 3 * (32 + 48);
        assertEquals(2 * 4 * sizes, record.trainInfo().numTrainableParams());

        var stopped = RunFolder.at(root.resolve("stopped"));
        stopped.request(config);
        for (int i = 0; i < 3; i++) {
            var execution =
                    new RunExecution(stopped, new Checkpoints.Interval(1, Duration.ofDays(1)));
            execution.cancel();
            var partial = execution.execute(config.hash()).orElseThrow();
            assertEquals(RunRecord.Status.cancelled, partial.status());
            assertEquals(i + 1, partial.trainInfo().steps());
        }
        assertEquals(record.reproducible(), run(stopped, config).reproducible());
    }

    @Test
    void aModelWithoutAdapterAndHeadIsMeasuredAsItCame() throws IOException {
        var config = sums.config("\"rank\": 4", "\"layer\": \"none\"");
        var record = run(RunFolder.at(root.resolve("runs")), config).trainInfo();
        assertEquals(0, record.steps());
        assertEquals(0, record.numTrainableParams());
        var untrained = record.test().majority();
        assertEquals(untrained.get("answer_nll"), record.test().metrics().get("answer_nll"));
        assertTrue(record.test().metrics().containsKey("expression"), "it writes, too");
        var trained = run(RunFolder.at(root.resolve("more")), sums.config("", "")).trainInfo();
        assertEquals(untrained, trained.test().majority());
    }

    @Test
    void modulesThatAreSavedWholeAreTrained() throws IOException {
        var folder = RunFolder.at(root.resolve("runs"));
        var pairs = run(folder, sums.config("\"steps\": 12", "\"steps\": 4")).trainInfo();
        var whole =
                run(
                                folder,
                                sums.config(
                                        "\"rank\": 4",
                                        "\"rank\": 4, \"modules_to_save\": [\"lm_head\"]"))
                        .trainInfo();
        assertEquals(pairs.numTrainableParams() + 512 * 32, whole.numTrainableParams());
    }

    @Test
    void packedBlocksAndOneLayerAtATimeTrainToo() throws IOException {
        var folder = RunFolder.at(root.resolve("runs"));
        var plain = run(folder, sums.config("\"judged\": \"BY_NUMBER\", ", ""));
        var byLayer =
                run(folder, sums.config("\"judged\": \"BY_NUMBER\", ", "\"by_layer\": true, "));
        assertEquals(plain.trainInfo().parametersSha256(), byLayer.trainInfo().parametersSha256());
        assertFalse(plain.trainInfo().test().metrics().containsKey("exact_match"));
        var packed =
                run(
                        folder,
                        sums.config(
                                "\"judged\": \"BY_NUMBER\"",
                                "\"packed\": true, \"loss\": \"whole\""));
        var data = packed.metaInfo().data();
        assertTrue((int) data.get("train_sequences") < (int) data.get("train_rows") / 2);
        assertNotEquals(
                plain.trainInfo().parametersSha256(), packed.trainInfo().parametersSha256());
    }

    @Test
    void aFileWithFaultsEndsTheRunWithItsLines() throws IOException {
        Files.writeString(
                root.resolve("train.jsonl"),
                "{\"prompt\": \"1\", \"completion\": \"2\"}\n"
                        + "{\"prompt\": \"2\", \"completion\": \"\"}\n"
                        + "{oops\n");
        var folder = RunFolder.at(root.resolve("runs"));
        var config = sums.config("", "");
        folder.request(config);
        var record =
                new RunExecution(folder, Checkpoints.Interval.STANDARD)
                        .execute(config.hash())
                        .orElseThrow();
        assertEquals(RunRecord.Status.failed, record.status());
        var message = record.runInfo().errorMsg();
        assertTrue(message.contains("line 2: no answer: completion is empty"), message);
        assertTrue(message.contains("line 3"), message);
    }

    @Test
    void brokenRecordsAreLeftOutIfThatIsAskedForAndCountedInTheRecord() throws IOException {
        var file = root.resolve("train.jsonl");
        var good = Files.readString(file).replace("\n", "\r\n");
        Files.writeString(
                file,
                "\uFEFF"
                        + good
                        + "\r\n{\"prompt\": \"9+1=\", \"completion\": null}\r\n{oops\r\n\r\n"
                        + "{\"prompt\": \"say \"ten\"\", \"completion\": \"10\"}");
        var config = sums.config("\"judged\": \"BY_NUMBER\", ", "\"broken\": \"leave_out\", ");
        var data = run(RunFolder.at(root.resolve("runs")), config).metaInfo().data();
        assertEquals(3, data.get("train_broken"));
        assertEquals(46, data.get("train_rows"));
        assertEquals(1, ((Map<?, ?>) data.get("train")).get("left_out"));
    }
}
