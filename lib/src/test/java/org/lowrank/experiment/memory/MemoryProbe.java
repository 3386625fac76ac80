package org.lowrank.experiment.memory;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.PackedWeight;
import org.lowrank.config.JsonDocument;
import org.lowrank.data.BatchPlan;
import org.lowrank.data.instruction.Sample;
import org.lowrank.engine.Packing;
import org.lowrank.engine.Precision;
import org.lowrank.experiment.spec.RunConfig;
import org.lowrank.model.ConfigProbe;
import org.lowrank.model.block.Decoder;
import org.lowrank.optim.Optimizers;
import org.lowrank.task.instruction.AnswerObjective;
import org.lowrank.train.Trained;
import org.lowrank.train.TrainingLoop;

/**
 * A process that does two steps of a decoder of random weights and prints the most memory of its
 * own that it had meanwhile (anonymous pages, every 5 ms), with the heap of Java held fast.
 */
final class MemoryProbe {

    private MemoryProbe() {}

    /**
     * @param arguments the files of a model's configuration and of a run's
     */
    public static void main(String[] arguments) throws Exception {
        var model = JsonDocument.read(Path.of(arguments[0])).object();
        var config = JsonDocument.read(Path.of(arguments[1])).as(RunConfig.class);
        boolean byLayer = Boolean.TRUE.equals(config.task().options().get("by_layer"));
        try (var manager = NDManager.newBaseManager()) {
            steps(manager, smallest(model), config, byLayer); // what the engine loads but once
            System.gc();
            long before = status("VmRSS");
            steps(manager, model, config, byLayer);
            System.out.println("engine " + before + " run " + (status("VmHWM") - before));
        }
    }

    private static JsonNode smallest(ObjectNode model) {
        return model.deepCopy()
                .put("hidden_size", 32)
                .put("intermediate_size", 32)
                .put("num_hidden_layers", 1)
                .put("num_attention_heads", 2)
                .put("num_key_value_heads", 2)
                .put("vocab_size", 64);
    }

    private static void steps(NDManager manager, JsonNode model, RunConfig config, boolean byLayer)
            throws IOException, InterruptedException {
        int length = config.task().maxLength();
        var samples = new ArrayList<Sample>();
        for (int row = 0; row < config.training().batchSize(); row++) {
            var ids = new int[length];
            for (int i = 0; i < length; i++) {
                ids[i] = (row * 31 + i * 7) % model.path("vocab_size").asInt();
            }
            samples.add(new Sample(ids, ids.clone(), row + 1));
        }
        var lengths = samples.stream().mapToInt(Sample::length).toArray();
        try (var decoder = held(ConfigProbe.random(model, manager), config.precision());
                var adapters = AdapterSet.inject(decoder, config.adapter(), 1);
                var optimizer = Optimizers.create(config.optimizer())) {
            System.gc(); // the bytes that weights were made from, freed by another thread
            Thread.sleep(200);
            Files.writeString(Path.of("/proc/self/clear_refs"), "5"); // not that of packing
            var plan = BatchPlan.ofSize(lengths, samples.size(), 1);
            new TrainingLoop(
                            Trained.of(decoder, adapters, optimizer, Map.<String, NDArray>of()),
                            new AnswerObjective(decoder, samples, 0, plan, byLayer),
                            Map::of,
                            config.training(),
                            1,
                            List.of())
                    .run();
        }
    }

    /** The weights in 16 bits, or as they would be read from blocks of Q8_0. */
    private static Decoder held(Decoder decoder, Precision precision) {
        if (precision == Precision.float32) {
            return decoder;
        }
        var manager = decoder.manager();
        for (var linear : decoder.linears().values()) {
            boolean isTable = linear.role() == AdaptableLinear.Role.TABLE;
            var shape = linear.storedShape();
            var packing = precision == Precision.as_stored ? Packing.Q8_0 : Packing.BFLOAT16;
            var bytes =
                    packing == Packing.Q8_0
                            ? blocks(packing.packed(shape.get(0), shape.get(1)), manager)
                            : packing.of(linear.weight().stored(), manager);
            linear.hold(new PackedWeight(packing, bytes, isTable));
        }
        return decoder;
    }

    /** Any codes, and a scale of about 2⁻¹². */
    private static NDArray blocks(Shape shape, NDManager manager) {
        var bytes = ByteBuffer.allocateDirect(Math.toIntExact(shape.size()));
        for (int i = 0; i < bytes.capacity(); i++) {
            int inBlock = i % 34;
            bytes.put((byte) (inBlock == 0 ? 0 : inBlock == 1 ? 0x0c : i * 31 + i / 34 * 17));
        }
        try (var over = manager.create(bytes.flip(), shape, DataType.UINT8)) {
            return over.duplicate();
        }
    }

    /** Bytes that Linux tells of this process. */
    private static long status(String key) throws IOException {
        for (var line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith(key)) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        throw new IOException("no " + key);
    }
}
