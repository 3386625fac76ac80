package org.lowrank.pins;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lowrank.adapter.peft.PeftAdapter;

/** Adapter folders of an earlier version, of each layer kind. */
class AdapterPinsTest {

    static final String FOLDER = "adapters/";

    @TempDir private Path temporary;

    static List<String> names() {
        return PinnedRuns.folderNames();
    }

    @ParameterizedTest
    @MethodSource("names")
    void isReadAndTrainedOn(String name) throws IOException {
        try (var run = PinnedRuns.from(name, Pins.FOLDER.resolve(FOLDER + name))) {
            Pins.assertClose(Pins.arrays(FOLDER + name + ".loaded.json"), run.arraysAndOutput());
            run.run();
            var end = Pins.arrays(FOLDER + name + ".end.json");
            Pins.assertClose(Pins.OF_A_RUN, end, run.arraysAndOutput());
        }
    }

    /** AdaLoRA is left out: what was pruned is not there again after reading. */
    @ParameterizedTest
    @ValueSource(strings = {"lora", "rslora", "dora"})
    void isWrittenAgainAsItWas(String name) throws IOException {
        var folder = Pins.FOLDER.resolve(FOLDER + name);
        try (var run = PinnedRuns.from(name, folder)) {
            run.saveAdapters(temporary);
        }
        assertEquals(-1, mismatch(folder, PeftAdapter.WEIGHTS));
        var mapper = new ObjectMapper();
        assertEquals(
                mapper.readTree(folder.resolve(PeftAdapter.CONFIG).toFile()),
                mapper.readTree(temporary.resolve(PeftAdapter.CONFIG).toFile()));
    }

    private long mismatch(Path folder, String file) throws IOException {
        return Files.mismatch(folder.resolve(file), temporary.resolve(file));
    }
}
