package org.lowrank.train;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.config.Json;
import org.lowrank.data.BatchPlan;
import org.lowrank.data.instruction.Sample;
import org.lowrank.model.ConfigProbe;
import org.lowrank.optim.Optimizers;
import org.lowrank.task.instruction.AnswerObjective;

/** A process that trains a small decoder; what its third step does is between two marks. */
final class TransferProbe {

    static final int BATCHES_A_STEP = 2;

    private static final int MARKED = 3;

    private TransferProbe() {}

    /** Here a step begins. */
    static void begin() {}

    /** Here it has ended. */
    static void end() {}

    private static final class Marks implements TrainingListener {
        @Override
        public void beforeStep(long step) {
            if (step == MARKED) {
                begin();
            }
        }

        @Override
        public void afterStep(StepReport report) {
            if (report.step() == MARKED) {
                end();
            }
        }
    }

    /**
     * @param arguments an optimizer's name
     */
    public static void main(String[] arguments) throws IOException {
        var model =
                Map.ofEntries(
                        Map.entry("model_type", "llama"),
                        Map.entry("hidden_size", 32),
                        Map.entry("intermediate_size", 48),
                        Map.entry("num_hidden_layers", 2),
                        Map.entry("num_attention_heads", 4),
                        Map.entry("num_key_value_heads", 2),
                        Map.entry("vocab_size", 64),
                        Map.entry("max_position_embeddings", 32),
                        Map.entry("rms_norm_eps", 1e-5),
                        Map.entry("tie_word_embeddings", true));
        var samples = new ArrayList<Sample>();
        for (int row = 0; row < 8; row++) {
            var ids = new int[12];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = (row * 31 + i * 7) % 64;
            }
            samples.add(new Sample(ids, ids.clone(), row + 1));
        }
        var lengths = samples.stream().mapToInt(Sample::length).toArray();
        try (var manager = NDManager.newBaseManager();
                var decoder = ConfigProbe.random(Json.mapper().valueToTree(model), manager);
                var adapters = AdapterSet.inject(decoder, LoraConfig.ofRank(4), 1);
                var optimizer = Optimizers.create(arguments[0])) {
            var result =
                    new TrainingLoop(
                                    Trained.of(decoder, adapters, optimizer, Map.of()),
                                    new AnswerObjective(
                                            decoder,
                                            samples,
                                            0,
                                            BatchPlan.ofSize(lengths, 2, 1),
                                            false),
                                    Map::of,
                                    TrainingConfig.of(MARKED + 1, 1e-3)
                                            .withGradientAccumulation(BATCHES_A_STEP),
                                    1,
                                    List.of(new Marks()))
                            .run();
            System.out.println(result.status() + " " + result.message());
        }
    }
}
