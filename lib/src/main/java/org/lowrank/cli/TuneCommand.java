package org.lowrank.cli;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.lowrank.adapter.peft.PeftAdapter;
import org.lowrank.config.Json;
import org.lowrank.engine.AtomicFile;
import org.lowrank.experiment.run.DataLook;
import org.lowrank.experiment.run.OnShutdown;
import org.lowrank.experiment.run.RunExecution;
import org.lowrank.experiment.run.Tuning;
import org.lowrank.model.LoadOptions;
import org.lowrank.model.ModelFolder;
import org.lowrank.model.PretrainedModel;
import org.lowrank.model.block.CausalModel;
import org.lowrank.report.TunedTable;
import org.lowrank.task.InstructionTuning;
import org.lowrank.text.PromptTemplate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "tune",
        description =
                "Fine-tunes a language model on prompts and answers of one's own: looks at the data,"
                        + " finds the rate on held-out rows, trains, compares with the untrained model,"
                        + " and writes a PEFT adapter. Ctrl-C stops it; the same command goes on.",
        mixinStandardHelpOptions = true)
final class TuneCommand implements Callable<Integer> {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @Option(
            names = "--model",
            required = true,
            paramLabel = "NAME|FOLDER|FILE",
            description = "The model: a published name, a Hugging Face folder, a GGUF file.")
    private String model;

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
            names = "--out",
            required = true,
            paramLabel = "FOLDER",
            description = "Where runs, adapter and table are written.")
    private Path out;

    @Option(
            names = "--method",
            defaultValue = "altlora_plus",
            description = "An optimizer's name, see the command optimizers (${DEFAULT-VALUE}).")
    private String method;

    @Option(
            names = "--rates",
            split = ",",
            paramLabel = "RATE",
            description = "Learning rates to choose from, or one; 2e-4,5e-4,1e-3 if not given.")
    private List<Double> rates = List.of(2e-4, 5e-4, 1e-3);

    @Option(
            names = "--seeds",
            split = ",",
            paramLabel = "SEED",
            description = "Seeds of the judged runs, none of them 0; 1 if not given.")
    private List<Long> seeds = List.of(1L);

    @Option(names = "--epochs", description = "Passes over the data (1).")
    private Double epochs;

    @Option(names = "--steps", description = "Steps, instead of epochs.")
    private Integer steps;

    @Option(names = "--batch", defaultValue = "8", description = "Rows of a step.")
    private int batch;

    @Option(names = "--rank", defaultValue = "8", description = "Rank of the adapters.")
    private int rank;

    @Option(names = "--layer", defaultValue = "lora", description = "lora, dora, ...")
    private String layer;

    @Option(
            names = "--max-length",
            defaultValue = "512",
            description = "Tokens of a record; longer ones are left out and named.")
    private int maxLength;

    @Option(
            names = "--prompt",
            paramLabel = "NAME|TEXT",
            description =
                    "chat, plain, alpaca, llm_adapters, question, or a text with {instruction};"
                            + " chat where the model has a chat template, else plain.")
    private String prompt;

    @Option(
            names = "--judged",
            defaultValue = "by_text",
            description = "How written answers are judged: by_likelihood, by_text, by_number.")
    private String judged;

    @Option(names = "--new-tokens", defaultValue = "64", description = "Tokens of an answer.")
    private int newTokens;

    @Option(names = "--merge", description = "Also write the model with the adapter in it.")
    private boolean merge;

    @Override
    public Integer call() throws Exception {
        var tuning = Tuning.of(base(), method, rates, seeds, out);
        tuning.begin();
        var look = look(tuning);
        System.out.print(look.text((rates.size() > 1 ? rates.size() : 0) + seeds.size()));
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
        text(out.resolve("table.md"), table);
        System.out.print(table);
        if (!Files.exists(tuning.adapter().resolve(PeftAdapter.CONFIG))) {
            System.err.println("no run has finished at any rate; try smaller ones (--rates)");
            return 1;
        }
        System.out.println("adapter: " + tuning.adapter());
        if (merge) {
            System.out.println("merged:  " + merged(tuning));
        }
        return 0;
    }

    private Map<String, Object> base() throws IOException {
        var options = new LinkedHashMap<String, Object>();
        options.put("train", data.toString());
        options.put("test", test == null ? "" : test.toString());
        options.put("sha256", InstructionTuning.sha256(data, test));
        options.put("prompt", prompt == null ? usualPrompt() : prompt);
        options.put("judged", judged);
        options.put("new_tokens", newTokens);
        var training = new LinkedHashMap<String, Object>();
        training.put("batch_size", batch);
        training.put("warmup_ratio", 0.1);
        if (steps != null) {
            training.put("steps", steps);
        } else {
            training.put("epochs", epochs == null ? 1 : epochs);
        }
        return Map.of(
                "model",
                model,
                "task",
                Map.of("name", "instructions", "max_length", maxLength, "options", options),
                "adapter",
                Map.of("layer", layer, "rank", rank, "lora_alpha", 2 * rank),
                "training",
                training);
    }

    private String usualPrompt() throws IOException {
        try (var opened = PretrainedModel.open(model);
                var tokenizer = opened.tokenizer()) {
            boolean talks = tokenizer.chatTemplate("default").isPresent();
            return talks ? InstructionTuning.CHAT : PromptTemplate.PLAIN.name();
        }
    }

    /** What was seen at the first start, or is seen now. */
    private DataLook look(Tuning tuning) throws IOException {
        var file = out.resolve("look.json");
        if (Files.exists(file)) {
            return Json.mapper().readValue(file.toFile(), DataLook.class);
        }
        System.err.println("looking at the data, and at what the model says untrained ...");
        var look = DataLook.of(tuning.example());
        text(file, Json.pretty(look));
        return look;
    }

    private Path merged(Tuning tuning) throws IOException {
        var folder = out.resolve("merged");
        if (Files.exists(folder.resolve("model.safetensors"))
                || Files.exists(folder.resolve("model.safetensors.index.json"))) {
            return folder;
        }
        try (var manager = NDManager.newBaseManager();
                var opened = PretrainedModel.open(model);
                var network = opened.load(CausalModel.class, LoadOptions.PLAIN, manager);
                var adapters = PeftAdapter.load(tuning.adapter(), network)) {
            adapters.merge();
            ModelFolder.write(opened, network, folder);
        }
        return folder;
    }

    private static void text(Path file, String content) throws IOException {
        AtomicFile.write(file, to -> to.write(content.getBytes(StandardCharsets.UTF_8)));
    }
}
