package org.lowrank.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.lowrank.experiment.record.Records;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.record.RunRecord;
import org.lowrank.experiment.run.PlannedRun;
import org.lowrank.experiment.run.Planner;
import org.lowrank.experiment.spec.SpecificationReader;

/** A table of three methods on two tasks whose runs have known outcomes. */
public record FinishedTable(RunFolder folder, ResultTable table) {

    public static final String SPECIFICATION =
            """
            {
              "name": "glue_like",
              "title": "A table",
              "base": {"model": "mlp", "training": {"steps": 4}},
              "tasks": [
                {"label": "MRPC", "with": {"task": {"name": "spiral/small"}}},
                {"label": "CoLA", "with": {"task": {"name": "spiral/large"}}}
              ],
              "methods": [
                {"label": "LoRA", "with": {"optimizer": {"name": "adamw"}}},
                {"label": "LoRA-Pro", "with": {"optimizer": {"name": "lora_pro"}}},
                {"label": "Unstable", "with": {"optimizer": {"name": "altlora"}}}
              ],
              "protocol": {"learning_rates": [0.001, 0.01, 0.1], "search_seeds": [7], "seeds": [0, 1, 2],
                           "max_extensions": 0},
              "baseline": "LoRA",
              "reference": ["lora-pro/table-1", "altlora/table-4"]
            }
            """;

    /** Every run is done in a folder. */
    public static FinishedTable in(Path root) throws IOException {
        var folder = RunFolder.at(root.resolve("runs"));
        var planner = planner(folder);
        Records.finish(planner, folder, FinishedTable::outcome);
        return new FinishedTable(folder, ResultTable.of(planner));
    }

    static Planner planner(RunFolder folder) {
        return new Planner(SpecificationReader.parse(SPECIFICATION, "", "t"), folder);
    }

    /** LoRA 0.50, 0.51, 0.52 by seed and one class on MRPC; LoRA-Pro 0.02 above it, and so on. */
    private static RunRecord outcome(PlannedRun run) {
        var config = run.config();
        double rate = config.training().learningRate();
        var method = run.cell().method().label();
        if (method.equals("Unstable")) {
            boolean fine =
                    Set.of(0L, 7L).contains(config.seed())
                            && run.cell().task().label().equals("MRPC");
            return Records.of(config, fine ? 0.6 : Double.NaN, 0.6);
        }
        double score = 0.5 + 0.01 * config.seed() + (method.equals("LoRA-Pro") ? 0.02 : 0);
        boolean oneClass = method.equals("LoRA") && run.cell().task().label().equals("MRPC");
        double best = method.equals("LoRA-Pro") ? 0.1 : 0.01;
        return Records.of(
                config,
                rate == best ? 0.9 : 0.1,
                score,
                oneClass ? Map.of("yes", 20L, "no", 0L) : Map.of("yes", 9L, "no", 11L));
    }
}
