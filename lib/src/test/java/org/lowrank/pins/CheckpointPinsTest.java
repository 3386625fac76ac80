package org.lowrank.pins;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A run goes on from a checkpoint of an earlier version and ends where that version did. */
class CheckpointPinsTest {

    static final String FOLDER = "checkpoints/";

    @TempDir private Path temporary;

    static List<String> names() {
        return PinnedRuns.names();
    }

    /** The name of the file in a run's folder, which says the step. */
    static String fileName() {
        return String.format("%012d.checkpoint", PinnedRuns.SAVED_AFTER);
    }

    @ParameterizedTest
    @MethodSource("names")
    void goesOnFromAnOldCheckpoint(String name) throws IOException {
        Files.copy(
                Pins.FOLDER.resolve(FOLDER + name + ".checkpoint"), temporary.resolve(fileName()));
        try (var run = PinnedRuns.of(name)) {
            assertEquals(PinnedRuns.SAVED_AFTER, run.run(temporary));
            Pins.assertClose(Pins.arrays(FOLDER + name + ".end.json"), run.arrays());
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void runsFromTheStartAsItDid(String name) throws IOException {
        try (var run = PinnedRuns.of(name)) {
            assertEquals(0, run.run(temporary));
            Pins.assertClose(
                    ofOtherKernels(name), Pins.arrays(FOLDER + name + ".end.json"), run.arrays());
        }
    }

    /**
     * Those of LoRA-Pro differ by 2e-3 between kernels: entries of gᴬ that cancel to rounding are
     * divided by their own size.
     */
    private static double ofOtherKernels(String name) {
        return name.equals("lora_pro") ? 5e-3 : Pins.OF_A_RUN;
    }
}
