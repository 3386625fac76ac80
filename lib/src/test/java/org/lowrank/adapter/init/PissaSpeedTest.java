package org.lowrank.adapter.init;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.AdaptableModel;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.adapter.PlainWeight;
import org.lowrank.config.Choice;

/** The 72 linear maps of BERT-base under PiSSA: a promise of at most 30 s on two idle cores. */
@Tag("soak")
class PissaSpeedTest {

    @ParameterizedTest(name = "iterations {0}")
    @ValueSource(ints = {Pissa.EXACT, 4})
    void allLinearMapsOfBertBaseStartWithinThirtySeconds(int iterations) {
        try (var manager = NDManager.newBaseManager()) {
            var model = new BertBaseShapes(manager);
            var config =
                    LoraConfig.ofRank(8)
                            .withInitialization(
                                    new Choice("pissa", Map.of("iterations", iterations)));
            long start = System.nanoTime();
            long cpuStart = processor().getProcessCpuTime();
            try (var set = AdapterSet.inject(model, config, 1)) {
                double wall = (System.nanoTime() - start) / 1e9;
                double cpu = (processor().getProcessCpuTime() - cpuStart) / 1e9;
                System.out.printf(
                        "72 linears, %s: %.1f s, %.1f s of processor time%n",
                        config.start(), wall, cpu);
                assertEquals(72, set.pairs().size());
                // On idle cores the wall clock shows at most the processor time, and here other
                // work may share the cores.
                assertTrue(Math.min(wall, cpu) < 30, wall + " s, processor " + cpu + " s");
            }
        }
    }

    private static OperatingSystemMXBean processor() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    }

    private static final class BertBaseShapes implements AdaptableModel {

        private final Map<String, AdaptableLinear> linears = new LinkedHashMap<>();

        BertBaseShapes(NDManager manager) {
            for (int layer = 0; layer < 12; layer++) {
                for (int i = 0; i < 4; i++) {
                    add("layer." + layer + ".attention" + i, 768, 768, manager);
                }
                add("layer." + layer + ".intermediate", 3072, 768, manager);
                add("layer." + layer + ".output", 768, 3072, manager);
            }
        }

        private void add(String path, int out, int in, NDManager manager) {
            var linear = new AdaptableLinear(in, out, false);
            var weight = manager.randomNormal(0, 0.04f, new Shape(out, in), DataType.FLOAT32);
            linear.hold(new PlainWeight(weight));
            linears.put(path, linear);
        }

        @Override
        public Map<String, AdaptableLinear> linears() {
            return linears;
        }

        @Override
        public Map<String, NDArray> parameters() {
            var all = new LinkedHashMap<String, NDArray>();
            linears.forEach((path, l) -> all.put(path + ".weight", l.weight().stored()));
            return all;
        }
    }
}
