package org.lowrank.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.lowrank.adapter.peft.PeftAdapter;
import org.lowrank.engine.AtomicFile;
import org.lowrank.experiment.run.OnShutdown;
import org.lowrank.experiment.run.RunExecution;
import org.lowrank.experiment.run.TuningRequest;
import org.lowrank.report.TunedTable;
import org.lowrank.task.instruction.InstructionFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "tune",
        description =
                "Fine-tunes a language model on prompts and answers of one's own: looks at the"
                        + " data, finds the rate on held-out rows, trains, compares with the untrained"
                        + " model, and writes a PEFT adapter. Ctrl-C stops it; the same command goes"
                        + " on.",
        mixinStandardHelpOptions = true)
final class TuneCommand implements Callable<Integer> {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @Mixin private ModelOptions model;

    @Mixin private PromptOption prompt;

    @Option(
            names = "--data",
            required = true,
            paramLabel = "FILE",
            description =
                    "Training records, JSON Lines, JSON or Parquet: prompt/completion,"
                            + " instruction/input/output, question/answer, text/label, messages.")
    private Path data;

    @Option(
            names = "--test",
            paramLabel = "FILE",
            description = "Test records; a tenth of the training records if not given.")
    private Path test;

    @Option(
            names = "--broken",
            paramLabel = "RULE",
            defaultValue = "REFUSE",
            description =
                    "Records that cannot be used: refuse (the data, with every one by its line) or"
                            + " leave_out (they are counted and named).")
    private InstructionFiles.Broken broken;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FOLDER",
            description = "Where runs, adapter and table are written.")
    private Path out;

    @Option(
            names = "--method",
            defaultValue = TuningRequest.METHOD,
            description = "An optimizer's name, see the command optimizers (${DEFAULT-VALUE}).")
    private String method;

    @Option(
            names = "--rates",
            split = ",",
            paramLabel = "RATE",
            description = "Learning rates to choose from, or one; 2e-4,5e-4,1e-3 if not given.")
    private double[] rates = {};

    @Option(
            names = "--seeds",
            split = ",",
            paramLabel = "SEED",
            description = "Seeds of the judged runs, none of them 0; 1 if not given.")
    private long[] seeds = {};

    @Option(names = "--epochs", description = "Passes over the data (1).")
    private Double epochs;

    @Option(names = "--steps", description = "Steps, instead of epochs.")
    private Integer steps;

    @Option(
            names = "--batch",
            defaultValue = "" + TuningRequest.BATCH,
            description = "Rows of a step (${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--rank",
            defaultValue = "" + TuningRequest.RANK,
            description = "Rank of the adapters (${DEFAULT-VALUE}).")
    private int rank;

    @Option(
            names = "--layer",
            defaultValue = TuningRequest.LAYER,
            description = "lora, dora, ... (${DEFAULT-VALUE})")
    private String layer;

    @Option(
            names = "--max-length",
            defaultValue = "" + TuningRequest.MAX_LENGTH,
            description =
                    "Tokens of a record; longer ones are left out and named (${DEFAULT-VALUE}).")
    private int maxLength;

    @Option(
            names = "--judged",
            defaultValue = TuningRequest.JUDGED,
            description = "How written answers are judged: by_likelihood, by_text, by_number.")
    private String judged;

    @Option(names = "--merge", description = "Also write the model with the adapter in it.")
    private boolean merge;

    @Override
    public Integer call() throws Exception {
        var tuning = request().into(out);
        System.err.println("looking at the data, and at what the model says untrained ...");
        var look = tuning.look();
        System.out.print(look.text(tuning.runs()));
        System.out.flush();
        var running = new AtomicReference<RunExecution>();
        var line = new TuningLine(System.err, System.console() != null);
        var records =
                OnShutdown.during(
                        () -> tuning.run(line::begin, running::set),
                        () -> {
                            var now = running.get();
                            if (now != null) {
                                now.cancel();
                            }
                        },
                        PATIENCE);
        line.end();
        if (records.isEmpty()) {
            System.err.println("stopped; the same command goes on from here");
            return 1;
        }
        var table = TunedTable.of(method, look.untrained(), records.get());
        AtomicFile.write(
                out.resolve("table.md"), to -> to.write(table.getBytes(StandardCharsets.UTF_8)));
        System.out.print(table);
        if (!Files.exists(tuning.adapter().resolve(PeftAdapter.CONFIG))) {
            System.err.println("no run has finished at any rate; try smaller ones (--rates)");
            return 1;
        }
        System.out.println("adapter: " + tuning.adapter());
        if (merge) {
            System.out.println("merged:  " + tuning.merged());
        }
        return 0;
    }

    private TuningRequest request() {
        var request =
                TuningRequest.of(model.model(), data)
                        .test(test)
                        .broken(broken)
                        .method(method)
                        .precision(model.precision())
                        .batch(batch)
                        .adapter(layer, rank)
                        .maxLength(maxLength)
                        .judged(judged, model.newTokens().orElse(TuningRequest.NEW_TOKENS));
        prompt.prompt().ifPresent(request::prompt);
        if (rates.length > 0) {
            request.rates(rates);
        }
        if (seeds.length > 0) {
            request.seeds(seeds);
        }
        if (epochs != null) {
            request.epochs(epochs);
        }
        return steps == null ? request : request.steps(steps);
    }
}
