package org.lowrank.adapter.peft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lowrank.adapter.kind.TinyExperts.IN;
import static org.lowrank.adapter.kind.TinyExperts.OUT;
import static org.lowrank.adapter.kind.TinyExperts.PATH;
import static org.lowrank.adapter.kind.TinyExperts.config;
import static org.lowrank.adapter.kind.TinyExperts.input;
import static org.lowrank.adapter.kind.TinyExperts.model;
import static org.lowrank.adapter.kind.TinyExperts.stir;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.TinyMlp;
import org.lowrank.adapter.kind.Experts;

/** Experts go into the files of an adapter and come back. */
class ExpertsFolderTest {

    @Test
    void whatIsSavedComesBackBitEqual(@TempDir Path folder) throws IOException {
        try (var manager = NDManager.newBaseManager();
                var model = model(manager);
                var again = model(manager);
                var x = input(manager)) {
            float[] expected;
            try (var set = AdapterSet.inject(model, config(3, 1e-4), 7)) {
                stir(set);
                expected = model.linears().get(PATH).forward(x, false).toFloatArray();
                PeftAdapter.save(folder, set);
                assertThrows(
                        IllegalArgumentException.class,
                        () -> PeftAdapter.save(folder, set, "block.0.first"));
            }
            try (var read = PeftAdapter.load(folder, again)) {
                assertArrayEquals(
                        expected, again.linears().get(PATH).forward(x, false).toFloatArray());
                assertEquals(new Experts(3, 1e-4), read.kind());
            }
            var config = Files.readString(folder.resolve(PeftAdapter.CONFIG));
            assertTrue(config.contains("\"LORA_EXPERTS\""), config);
        }
    }

    @Test
    void anotherModelRefusesTheFile(@TempDir Path folder) throws IOException {
        try (var manager = NDManager.newBaseManager();
                var model = model(manager);
                var wider = new TinyMlp(manager, 1, 5, IN + 1, OUT, 1)) {
            try (var set = AdapterSet.inject(model, config(2, 1e-4), 7)) {
                PeftAdapter.save(folder, set);
            }
            var refusal = assertThrows(IOException.class, () -> PeftAdapter.load(folder, wider));
            assertTrue(
                    refusal.getMessage().contains("block.0.second.experts.0.lora_A.weight"),
                    refusal.getMessage());
        }
    }
}
