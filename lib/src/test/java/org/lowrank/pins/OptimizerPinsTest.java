package org.lowrank.pins;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every registered optimizer goes on from the state that an earlier version saved after three
 * steps, as that version did.
 */
class OptimizerPinsTest {

    static final String FOLDER = "optimizers/";
    static final String OPTIONS = FOLDER + "options.txt";
    static final int SAVED_AFTER = 3;
    static final int STEPS = 5;

    static Set<String> names() {
        return PinnedOptimizers.names();
    }

    static List<String> options() {
        return names().stream().map(n -> n + " " + PinnedOptimizers.options(n)).sorted().toList();
    }

    @Test
    void namesAndDefaultsOfOptionsAreAsTheyWere() throws IOException {
        assertEquals(Pins.lines(OPTIONS), options());
    }

    @ParameterizedTest
    @MethodSource("names")
    void goesOnFromAnOldState(String name) throws IOException {
        var saved = Pins.arrays(FOLDER + name + ".saved.json");
        try (var optimizer = new PinnedOptimizers(name, saved)) {
            optimizer.load(Files.readAllBytes(Pins.FOLDER.resolve(FOLDER + name + ".state")));
            for (int step = SAVED_AFTER + 1; step <= STEPS; step++) {
                optimizer.step(step);
            }
            Pins.assertClose(Pins.arrays(FOLDER + name + ".end.json"), optimizer.factors());
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void stepsFromTheStartAsItDid(String name) throws IOException {
        try (var optimizer = new PinnedOptimizers(name, PinnedOptimizers.start())) {
            for (int step = 1; step <= SAVED_AFTER; step++) {
                optimizer.step(step);
            }
            Pins.assertClose(Pins.arrays(FOLDER + name + ".saved.json"), optimizer.factors());
        }
    }
}
