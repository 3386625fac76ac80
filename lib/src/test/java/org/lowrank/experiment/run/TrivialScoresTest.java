package org.lowrank.experiment.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.task.Part;

class TrivialScoresTest {

    private static final Map<String, Double> SCORES =
            Map.of("answer_nll", 2.183964754667471, "perplexity", Math.nextUp(8.881449313509998));

    @TempDir private Path runs;
    private final AtomicInteger measured = new AtomicInteger();
    private TrivialScores scores;

    @BeforeEach
    void ofOneSeed() {
        scores = ofSeed(1, Duration.ZERO);
    }

    private TrivialScores ofSeed(int seed, Duration worth) {
        return new TrivialScores(runs, Map.of("model", "small", "seed", seed), worth);
    }

    private Map<String, Double> measure() {
        measured.incrementAndGet();
        return SCORES;
    }

    private Path file() throws IOException {
        try (var files = Files.list(runs.resolve(TrivialScores.FOLDER))) {
            return files.findFirst().orElseThrow();
        }
    }

    @Test
    void runsThatBeginAlikeShareOneMeasurementToTheBit() throws IOException {
        assertEquals(SCORES, scores.of(Part.TEST, this::measure));
        assertEquals(SCORES, ofSeed(1, Duration.ZERO).of(Part.TEST, this::measure));
        assertEquals(1, measured.get());
    }

    @Test
    void anotherPartAnotherSeedIsAnotherMeasurement() throws IOException {
        scores.of(Part.TEST, this::measure);
        scores.of(Part.VALIDATION, this::measure);
        ofSeed(2, Duration.ZERO).of(Part.TEST, this::measure);
        assertEquals(3, measured.get());
    }

    @Test
    void aFileThatIsNotWholeOrIsOfAnotherBeginIsMeasuredAnew() throws IOException {
        scores.of(Part.TEST, this::measure);
        var whole = Files.readString(file());
        Files.writeString(file(), whole.substring(0, whole.length() / 2));
        assertEquals(SCORES, scores.of(Part.TEST, this::measure));
        assertEquals(whole, Files.readString(file()));
        Files.writeString(file(), whole.replaceAll("\"sha256\" ?: ?\"[0-9a-f]", "\"sha256\": \"x"));
        assertEquals(SCORES, scores.of(Part.TEST, this::measure));
        assertEquals(3, measured.get());
        assertEquals(whole, Files.readString(file()));
    }

    @Test
    void whatIsSoonMeasuredIsNotKept() throws IOException {
        assertEquals(SCORES, ofSeed(1, Duration.ofHours(1)).of(Part.TEST, this::measure));
        assertFalse(Files.exists(runs.resolve(TrivialScores.FOLDER)));
    }
}
