package org.lowrank.experiment;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.lowrank.model.EncoderCheckpoint;

/** Classification and regression of sentences and pairs of them by pretrained encoders. */
public final class SentenceWorkload implements Workload {

    /** Models of the papers that a table can be planned for, and that this version cannot load. */
    private static final List<String> PLANNED = List.of("t5-base");

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
                Stream.concat(
                                EncoderCheckpoint.ALL.stream().map(EncoderCheckpoint::name),
                                PLANNED.stream())
                        .toList());
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
        if (PLANNED.contains(config.model())) {
            throw new IllegalArgumentException(
                    config.model()
                            + " can be planned for, but this version has no reader for its weights;"
                            + " there are "
                            + EncoderCheckpoint.ALL);
        }
        return SentenceRun.of(config);
    }
}
