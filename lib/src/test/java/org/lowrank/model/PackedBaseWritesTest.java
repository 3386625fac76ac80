package org.lowrank.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.engine.Checksums;
import org.lowrank.engine.Precision;
import org.lowrank.model.block.CausalModel;
import org.lowrank.model.block.Network;
import org.lowrank.model.block.TextEncoder;

/** A base of few bits is read only. */
class PackedBaseWritesTest {

    @TempDir private Path folder;
    private NDManager manager;

    @BeforeEach
    void setUp() {
        manager = NDManager.newBaseManager();
    }

    @AfterEach
    void tearDown() {
        manager.close();
    }

    private Network load(Path path, Precision precision) throws IOException {
        try (var opened = PretrainedModel.open(path)) {
            var options = LoadOptions.PLAIN.withPrecision(precision);
            return opened.can(CausalModel.class)
                    ? opened.load(CausalModel.class, options, manager)
                    : opened.load(TextEncoder.class, options, manager);
        }
    }

    @Test
    void whatWritesToABaseOfFewBitsIsRefusedWithWhatToDo() throws IOException {
        var file = QuantizedLlama.write(folder);
        var packed = load(file, Precision.as_stored);
        var lora = LoraConfig.ofRank(2);
        var before = Checksums.of(packed.parameters());
        refused("precision float32", () -> packed.train(true));
        refused(
                "writes what is left of it back",
                () -> AdapterSet.inject(packed, lora.withInitialization("pissa"), 3));
        refused(
                "is not trained or replaced whole",
                () -> few(packed, lora.withModulesToSave("o_proj")));
        try (var set = AdapterSet.inject(packed, lora, 3)) {
            refused("open it in precision float32 to merge", set::merge);
            assertEquals(14, set.pairs().size());
        }
        try (var opened = PretrainedModel.open(file)) {
            var out = folder.resolve("out");
            refused("not written whole", () -> written(opened, packed, out));
            assertFalse(Files.exists(out));
        }
        assertEquals(before, Checksums.of(packed.parameters()), "not a bit has moved");
    }

    private static void few(Network network, LoraConfig config) {
        AdapterSet.inject(network, config.withTargetModules("v_proj"), 3);
    }

    private static void written(PretrainedModel opened, Network network, Path out) {
        try {
            ModelFolder.write(opened, network, out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void refused(String reason, Executable what) {
        var refusal = assertThrows(RuntimeException.class, what);
        assertTrue(refusal.getMessage().contains(reason), refusal.getMessage());
    }
}
