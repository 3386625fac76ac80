package org.lowrank.adapter.peft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.bench.PythonPeer;
import org.lowrank.data.BatchPlan;
import org.lowrank.data.instruction.Sample;
import org.lowrank.golden.GoldenFiles;
import org.lowrank.model.LoadOptions;
import org.lowrank.model.ModelFolder;
import org.lowrank.model.PretrainedModel;
import org.lowrank.model.block.CausalModel;
import org.lowrank.optim.Optimizers;
import org.lowrank.task.instruction.AnswerObjective;
import org.lowrank.text.TokenBatch;
import org.lowrank.train.Trained;
import org.lowrank.train.TrainingConfig;
import org.lowrank.train.TrainingLoop;
import org.lowrank.weights.SafetensorsFile;

/** What was trained here, as an adapter and merged, in transformers with PEFT where they are. */
class PythonPeerTest {

    private static final double CLOSE = 2e-4;
    private static final long[] IDS = {1, 35, 80, 74, 21, 52, 9, 64};

    @TempDir private Path root;

    @BeforeEach
    void pythonIsHere() throws IOException {
        assumeTrue(
                PythonPeer.python().isPresent(),
                "skipped: " + PythonPeer.VARIABLE + " names no Python with transformers and PEFT");
        Files.writeString(root.resolve("ids.json"), "[" + Arrays.toString(IDS) + "]");
    }

    private static Path model(String name) {
        return GoldenFiles.golden("hf").resolve(name);
    }

    private float[] theirs(String what, Path model, Path adapter)
            throws IOException, InterruptedException {
        var out = root.resolve(what + ".safetensors");
        try (var peer =
                PythonPeer.start(
                        "adapter.py",
                        1,
                        what,
                        model.toString(),
                        adapter == null ? "-" : adapter.toString(),
                        root.resolve("ids.json").toString(),
                        out.toString())) {
            assertTrue(peer.ends(), "the script failed; what it said stands above");
        }
        try (var file = SafetensorsFile.open(out)) {
            return file.floats("logits");
        }
    }

    private static float[] ours(CausalModel model, NDManager manager) {
        try (var step = manager.newSubManager()) {
            var ids = step.create(IDS).reshape(1, IDS.length);
            var mask = step.ones(ids.getShape(), DataType.FLOAT32);
            var places = step.arange(0, IDS.length, 1, DataType.INT64);
            return model.logits(new TokenBatch(ids, mask), places, false).toFloatArray();
        }
    }

    @Test
    void whatIsTrainedHereSaysTheSameThereAndMergedToo() throws IOException, InterruptedException {
        for (var name : List.of("llama2", "llama3", "gpt2")) {
            var adapter = root.resolve(name + "-adapter");
            var merged = root.resolve(name + "-merged");
            try (var manager = NDManager.newBaseManager();
                    var opened = PretrainedModel.open(model(name));
                    var model = opened.load(CausalModel.class, LoadOptions.PLAIN, manager);
                    var set = AdapterSet.inject(model, LoraConfig.ofRank(4), 1)) {
                train(model, set);
                var options = PeftOptions.NONE.withBaseModel(model(name).toString(), "CAUSAL_LM");
                PeftAdapter.save(adapter, set, options);
                var ours = ours(model, manager);
                assertArrayEquals(
                        ours, theirs("logits", model(name), adapter), (float) CLOSE, name);
                set.merge();
                ModelFolder.write(opened, model, merged);
                assertArrayEquals(ours, theirs("merged", merged, null), (float) CLOSE, name);
            }
        }
    }

    private static void train(CausalModel model, AdapterSet set) {
        var ids = Arrays.stream(IDS).mapToInt(Math::toIntExact).toArray();
        var samples = List.of(new Sample(ids, ids, 0));
        var plan = BatchPlan.ofSize(new int[] {ids.length}, 1, 1);
        try (var adam = Optimizers.create("adamw")) {
            var result =
                    new TrainingLoop(
                                    Trained.of(model, set, adam, Map.of()),
                                    new AnswerObjective(model, samples, 0, plan, false),
                                    Map::of,
                                    TrainingConfig.of(10, 1e-2),
                                    1,
                                    List.of())
                            .run();
            var steps = result.steps();
            assertEquals(10, steps.size());
            assertTrue(steps.get(9).loss() < steps.get(0).loss() - 0.1);
        }
    }
}
