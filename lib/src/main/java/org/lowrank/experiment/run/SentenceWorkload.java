package org.lowrank.experiment.run;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.config.Problems;
import org.lowrank.experiment.spec.AdapterKinds;
import org.lowrank.experiment.spec.RunConfig;
import org.lowrank.model.PublishedModels;
import org.lowrank.task.TaskConfig;
import org.lowrank.text.TextTokenizer;

/** Classification and regression of sentences and pairs of them by pretrained encoders. */
public final class SentenceWorkload implements Workload {

    /** Models of the papers that a table can be planned for, and that this version cannot load. */
    private static final List<String> PLANNED = List.of("t5-base");

    /** The linears of a BERT layer, and of the pooler. */
    private static final List<String> LINEARS =
            List.of(
                    "attention.self.query",
                    "attention.self.key",
                    "attention.self.value",
                    "attention.output.dense",
                    "intermediate.dense",
                    "output.dense",
                    "pooler.dense");

    @Override
    public Collection<String> tasks() {
        return SentenceTasks.names();
    }

    @Override
    public String metric(String task) {
        return SentenceTasks.metric(task);
    }

    @Override
    public Collection<String> metrics(String task) {
        return SentenceTasks.metrics(task);
    }

    @Override
    public void check(RunConfig config, Problems problems) {
        problems.oneOf(
                "model",
                config.model(),
                Stream.concat(PublishedModels.names().stream(), PLANNED.stream()).toList());
        checkLength(config.task(), problems);
        AdapterKinds.check(config, problems);
        if (!PLANNED.contains(config.model())) {
            checkTargets(config.adapter(), problems);
        }
    }

    private static void checkLength(TaskConfig task, Problems problems) {
        boolean pair = SentenceTasks.isPair(task.name());
        int least = pair ? TextTokenizer.LEAST_LENGTH_OF_PAIR : TextTokenizer.LEAST_LENGTH;
        problems.require(
                task.maxLength() >= least,
                "task.max_length",
                "is "
                        + task.maxLength()
                        + "; allowed for "
                        + task.name()
                        + ": "
                        + least
                        + " or more, a token of "
                        + (pair ? "each of two sentences" : "the sentence")
                        + " and the special ones around it");
    }

    private static void checkTargets(LoraConfig adapter, Problems problems) {
        for (var target : adapter.targetModules()) {
            problems.require(
                    target.equals(LoraConfig.ALL_LINEAR)
                            || LINEARS.stream()
                                    .anyMatch(
                                            path ->
                                                    ("." + path).endsWith("." + target)
                                                            || target.endsWith("." + path)),
                    "adapter.target_modules",
                    "names \""
                            + target
                            + "\", which no layer is called; allowed: "
                            + LoraConfig.ALL_LINEAR
                            + ", "
                            + String.join(", ", LINEARS)
                            + ", their last parts (query), or a full path");
        }
    }

    @Override
    public RunConfig complete(RunConfig config) {
        return new RunConfig(
                config.format(),
                config.task(),
                config.model(),
                config.adapter().completed(),
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
                            + PublishedModels.names());
        }
        return SentenceRun.of(config);
    }
}
