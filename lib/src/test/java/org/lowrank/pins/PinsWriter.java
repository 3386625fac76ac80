package org.lowrank.pins;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.config.Json;

/**
 * Writes the pinned files from the code as it stands: {@code mvn -pl lib test -Dtest=PinsWriter}.
 * The build does not run it. It was run once, before the library was rearranged; who runs it again
 * pins what is new, and looks at the difference of what is old.
 */
class PinsWriter {

    @TempDir private Path temporary;

    @Test
    void names() throws IOException {
        Pins.write(RunNamesTest.PLANS, RunNames.plans());
        Pins.write(RunNamesTest.RECORDS, RunNames.records());
        Pins.write(
                RunNamesTest.EXAMPLES,
                RunNames.examples().entrySet().stream()
                        .map(e -> e.getKey() + " " + Json.line(e.getValue()))
                        .toList());
    }

    @Test
    void optimizers() throws IOException {
        Pins.write(OptimizerPinsTest.OPTIONS, OptimizerPinsTest.options());
        for (var name : PinnedOptimizers.names()) {
            var file = OptimizerPinsTest.FOLDER + name;
            try (var optimizer = new PinnedOptimizers(name, PinnedOptimizers.start())) {
                for (int step = 1; step <= OptimizerPinsTest.STEPS; step++) {
                    var before = optimizer.factors();
                    optimizer.step(step);
                    var after = optimizer.factors();
                    if (before.keySet().stream()
                            .allMatch(f -> Arrays.equals(before.get(f), after.get(f)))) {
                        throw new AssertionError(name + " does not move: nothing is pinned");
                    }
                    if (step == OptimizerPinsTest.SAVED_AFTER) {
                        Files.write(Pins.FOLDER.resolve(file + ".state"), optimizer.save());
                        Pins.write(file + ".saved.json", after);
                    }
                }
                Pins.write(file + ".end.json", optimizer.factors());
            }
        }
    }

    @Test
    void checkpoints() throws IOException {
        for (var name : PinnedRuns.names()) {
            var folder = Files.createDirectory(temporary.resolve(name));
            try (var run = PinnedRuns.of(name)) {
                run.run(folder);
                Pins.write(CheckpointPinsTest.FOLDER + name + ".end.json", run.arrays());
            }
            Files.write(
                    Pins.FOLDER.resolve(CheckpointPinsTest.FOLDER + name + ".checkpoint"),
                    Files.readAllBytes(folder.resolve(CheckpointPinsTest.fileName())));
        }
    }

    @Test
    void adapters() throws IOException {
        for (var name : PinnedRuns.folderNames()) {
            var folder = Pins.FOLDER.resolve(AdapterPinsTest.FOLDER + name);
            Map<String, float[]> output;
            try (var run = PinnedRuns.forFolder(name)) {
                run.run(temporary.resolve("adapter-run-" + name));
                run.saveAdapters(folder);
                output = Map.of("output", run.arraysAndOutput().get("output"));
            }
            try (var run = PinnedRuns.from(name, folder)) {
                var loaded = run.arraysAndOutput();
                Pins.assertClose(output, Map.of("output", loaded.get("output")));
                Pins.write(AdapterPinsTest.FOLDER + name + ".loaded.json", loaded);
                run.run();
                Pins.write(AdapterPinsTest.FOLDER + name + ".end.json", run.arraysAndOutput());
            }
        }
    }
}
