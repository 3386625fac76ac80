package org.lowrank.train;

import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Map;
import org.lowrank.adapter.TinyMlp;
import org.lowrank.optim.ParameterAdamW;

/** Full fine-tuning of a small network on points of spirals. */
final class SpiralRun {

    final TinyMlp model;
    final SpiralObjective task;
    final Trained trained;
    final TrainingLoop loop;
    Runnable evaluation = () -> {};

    SpiralRun(NDManager manager, TrainingConfig config, TrainingListener... listeners) {
        model = new TinyMlp(manager, 2, 5, 16, 3, 1);
        task = new SpiralObjective(model, manager, 300, 16, 5);
        trained = new Trained(model, null, null, model.parameters(), new ParameterAdamW(0));
        loop = new TrainingLoop(trained, task, this::evaluate, config, 7, List.of(listeners));
    }

    static TrainingConfig config(int steps) {
        return TrainingConfig.of(steps, 0.02);
    }

    private Map<String, Double> evaluate() {
        evaluation.run();
        return task.evaluate();
    }

    float[] weight() {
        return model.parameters().get("block.1.second.weight").toFloatArray();
    }
}
