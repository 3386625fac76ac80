package org.lowrank.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.apache.commons.io.FileUtils;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.record.RunRecord;
import org.lowrank.experiment.run.EngineOptions;
import org.lowrank.experiment.run.LocalEngine;
import org.lowrank.experiment.run.Planner;
import org.lowrank.experiment.spec.Grid;
import org.lowrank.experiment.spec.SpecificationReader;

/**
 * What the experiment engine adds to a run of about a minute (MiniLM on SST-2 with LoRA, one
 * thread): from the start of this process to the record, beside the time that the record gives.
 * That is the start of two Java processes and of PyTorch, the plan, the lock and the record.
 *
 * <pre>environment/lowrank bench engine</pre>
 *
 * writes {@code bench_engine.csv} and {@code .md}. SST-2 lies in {@code LOWRANK_DATA} or is
 * downloaded. On a machine that does other work the processes start more slowly, so that the share
 * is too large.
 */
public final class EngineBenchmark {

    private static final String SPECIFICATION =
            """
            {
              "name": "engine",
              "base": {
                "model": "all-MiniLM-L6-v2",
                "training": {"epochs": 1, "batch_size": 32, "head_learning_rate": 0.005}
              },
              "tasks": [{"label": "SST-2", "with": {"task": {"name": "glue/sst-2",
                  "train_rows": 3600, "validation_rows": 200, "test_rows": 200}}}],
              "methods": [{"label": "LoRA", "with": {"optimizer": {"name": "adamw"}}}],
              "frozen_encoder": false,
              "protocol": {"kind": "fixed", "learning_rates": [0.001], "seeds": [0]}
            }
            """;

    private EngineBenchmark() {}

    /**
     * @param args the folder to write to
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        var folder = Benchmarks.folder(args);
        var grid = SpecificationReader.parse(SPECIFICATION, "", "the benchmark");
        var runs = Files.createTempDirectory("lowrank-bench-engine");
        try {
            var record = run(grid, RunFolder.at(runs));
            long start = ManagementFactory.getRuntimeMXBean().getStartTime();
            double all = (System.currentTimeMillis() - start) / 1e3;
            write(folder, record.runInfo().totalTime(), all);
        } finally {
            FileUtils.deleteDirectory(runs.toFile());
        }
    }

    private static RunRecord run(Grid grid, RunFolder runs)
            throws IOException, InterruptedException {
        var planner = new Planner(grid, runs);
        var options = EngineOptions.standard().withThreads(1);
        var last = new LocalEngine(options).run(planner, runs, status -> {});
        var hash = planner.plan().get(0).runs().findFirst().orElseThrow().hash();
        return runs.record(hash)
                .filter(record -> record.status() == RunRecord.Status.finished)
                .orElseThrow(() -> new IOException("the run did not finish: " + last.failures()));
    }

    private static void write(Path folder, double run, double all) throws IOException {
        var numbers = List.of(run, all, all - run, 100 * (all - run) / run);
        var csv = "run_seconds,all_seconds,beside_seconds,beside_percent\n";
        var row = String.format(Locale.ROOT, "%.2f,%.2f,%.2f,%.2f%n", numbers.toArray());
        var markdown =
                """
                What the experiment engine adds to a run of one process and one thread.

                %s.

                | run, s | with the engine, s | beside, s | beside, %% |
                |---|---|---|---|
                | %s |
                """
                        .formatted(Benchmarks.made("engine"), row.strip().replace(",", " | "));
        Benchmarks.write(folder, "bench_engine", csv + row, markdown);
    }
}
