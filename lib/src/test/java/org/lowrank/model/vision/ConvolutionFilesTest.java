package org.lowrank.model.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.peft.PeftAdapter;
import org.lowrank.weights.SafetensorsFile;
import org.lowrank.weights.TensorSource;

/** Adapters of convolutions in files, without another implementation at hand. */
class ConvolutionFilesTest {

    @TempDir private Path folder;

    /**
     * As PEFT's Conv2d has them, which {@link CifarResNetTest#adaptersGoToPeftAndBack} asks where
     * it is.
     */
    @ParameterizedTest
    @ValueSource(strings = {"lora", "dora"})
    void aFileHasTheShapesOfPeftsConvolutionsAndReadsBackEqual(String kind) throws IOException {
        try (var manager = NDManager.newBaseManager();
                var model = TinyResNet.tiny(manager)) {
            var x = TinyResNet.pixels(manager, 2);
            float[] ours;
            var factors = new TreeMap<String, float[]>();
            try (var set = AdapterSet.inject(model, TinyResNet.CONVOLUTIONS.withLayer(kind), 1)) {
                TinyResNet.fillB(set, 2);
                set.adapters()
                        .values()
                        .forEach(a -> a.extraParameters().values().forEach(m -> m.muli(1.1)));
                ours = model.forward(x, false).toFloatArray();
                factors.putAll(factors(set));
                PeftAdapter.save(folder, set);
            }
            try (var file = SafetensorsFile.open(folder.resolve("adapter_model.safetensors"))) {
                assertEquals(7 * (kind.equals("dora") ? 3 : 2), file.names().size());
                var first = "base_model.model.conv1.lora_";
                assertShape(file, first + "A.weight", 3, 3, 3, 3);
                assertShape(file, first + "B.weight", 4, 3, 1, 1);
                var wider = "base_model.model.layer3.0.conv1.lora_";
                assertShape(file, wider + "A.weight", 3, 8, 3, 3);
                assertShape(file, wider + "B.weight", 16, 3, 1, 1);
                if (kind.equals("dora")) {
                    assertShape(file, wider + "magnitude_vector", 1, 16, 1, 1);
                }
            }
            try (var set = PeftAdapter.load(folder, model)) {
                var read = factors(set);
                assertEquals(factors.keySet(), read.keySet());
                factors.forEach((name, values) -> assertArrayEquals(values, read.get(name), name));
                assertArrayEquals(ours, model.forward(x, false).toFloatArray(), 1e-6f);
            }
        }
    }

    private static void assertShape(TensorSource file, String name, long... wanted)
            throws IOException {
        assertTrue(file.names().contains(name), name + " is not in " + file.names());
        assertArrayEquals(wanted, file.info(name).dimensions(), name);
    }

    private static Map<String, float[]> factors(AdapterSet set) {
        var factors = new TreeMap<String, float[]>();
        set.adapters()
                .forEach(
                        (path, adapter) -> {
                            factors.put(path + " A", adapter.pair().loraA().toFloatArray());
                            factors.put(path + " B", adapter.pair().loraB().toFloatArray());
                            adapter.extraParameters()
                                    .forEach(
                                            (name, extra) ->
                                                    factors.put(
                                                            path + " " + name,
                                                            extra.toFloatArray()));
                        });
        return factors;
    }
}
