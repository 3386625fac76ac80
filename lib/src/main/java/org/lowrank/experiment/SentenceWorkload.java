package org.lowrank.experiment;

import java.io.IOException;
import java.util.Collection;
import org.lowrank.model.EncoderCheckpoint;

/** Classification and regression of sentences and pairs of them by pretrained encoders. */
public final class SentenceWorkload implements Workload {

    @Override
    public Collection<String> tasks() {
        return SentenceTasks.names();
    }

    @Override
    public String metric(String task) {
        return SentenceTasks.metric(task);
    }

    @Override
    public void check(RunConfig config, Problems problems) {
        problems.oneOf(
                "model",
                config.model(),
                EncoderCheckpoint.ALL.stream().map(EncoderCheckpoint::name).toList());
        AdapterKinds.check(config, problems);
    }

    @Override
    public RunConfig complete(RunConfig config) {
        return new RunConfig(
                config.format(),
                config.task(),
                config.model(),
                AdapterKinds.complete(config.adapter()),
                AdapterKinds.complete(config.optimizer()),
                config.training(),
                config.seed(),
                config.phase());
    }

    @Override
    public Prepared prepare(RunConfig config) throws IOException {
        return SentenceRun.of(config);
    }
}
