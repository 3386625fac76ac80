package org.lowrank.experiment.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.lowrank.engine.Precision;
import org.lowrank.model.PretrainedModel;
import org.lowrank.task.instruction.InstructionFiles;
import org.lowrank.text.Prompting;

/**
 * What is to be tuned on which data. All but model and data has a default.
 *
 * <pre>{@code
 * var tuning = TuningRequest.of("SmolLM2-135M-Instruct", Path.of("train.jsonl"))
 *         .method("lora_pro").rates(5e-4, 1e-3).into(Path.of("tuned"));
 * System.out.println(tuning.look());
 * var records = tuning.run(begun -> listener, running -> {});
 * }</pre>
 */
public final class TuningRequest {

    public static final String METHOD = "altlora_plus";
    public static final int BATCH = 8;
    public static final int RANK = 8;
    public static final String LAYER = "lora";
    public static final int MAX_LENGTH = 512;
    public static final String JUDGED = "by_text";
    public static final int NEW_TOKENS = 64;

    private final String model;
    private final Path data;
    private Path test;
    private String method = METHOD;
    private List<Double> rates = List.of(2e-4, 5e-4, 1e-3);
    private List<Long> seeds = List.of(1L);
    private final Map<String, Object> options = new LinkedHashMap<>();
    private final Map<String, Object> training = new LinkedHashMap<>();
    private InstructionFiles.Broken broken = InstructionFiles.Broken.REFUSE;
    private int rank = RANK;
    private String layer = LAYER;
    private int maxLength = MAX_LENGTH;
    private Precision precision = Precision.float32;

    private TuningRequest(String model, Path data) {
        this.model = model;
        this.data = data;
        options.put("judged", JUDGED);
        options.put("new_tokens", NEW_TOKENS);
        training.put("batch_size", BATCH);
        training.put("warmup_ratio", 0.1);
        training.put("epochs", 1.0);
    }

    /**
     * @param model a published name, a Hugging Face folder, a GGUF file
     * @param data training records: JSON Lines, JSON or Parquet
     */
    public static TuningRequest of(String model, Path data) {
        return new TuningRequest(model, data);
    }

    /** Test records; without them a tenth of the training records. */
    public TuningRequest test(Path file) {
        test = file;
        return this;
    }

    /** What becomes of records that cannot be used; the data are refused if nothing is said. */
    public TuningRequest broken(InstructionFiles.Broken rule) {
        broken = rule;
        return this;
    }

    /** The name of an optimizer. */
    public TuningRequest method(String name) {
        method = name;
        return this;
    }

    /** In what the base is held. */
    public TuningRequest precision(Precision newPrecision) {
        precision = newPrecision;
        return this;
    }

    /** Learning rates to choose from, or one. */
    public TuningRequest rates(double... several) {
        rates = Arrays.stream(several).boxed().toList();
        return this;
    }

    /** Seeds of the judged runs, none of them 0. */
    public TuningRequest seeds(long... several) {
        seeds = Arrays.stream(several).boxed().toList();
        return this;
    }

    /** Passes over the data. */
    public TuningRequest epochs(double number) {
        training.remove("steps");
        training.put("epochs", number);
        return this;
    }

    /** Steps, instead of passes. */
    public TuningRequest steps(int number) {
        training.remove("epochs");
        training.put("steps", number);
        return this;
    }

    /** Rows of a step. */
    public TuningRequest batch(int rows) {
        training.put("batch_size", rows);
        return this;
    }

    /** The kind of adapter, and its rank; alpha is twice the rank. */
    public TuningRequest adapter(String newLayer, int newRank) {
        layer = newLayer;
        rank = newRank;
        return this;
    }

    /** Tokens of a record; longer ones are left out and named. */
    public TuningRequest maxLength(int tokens) {
        maxLength = tokens;
        return this;
    }

    /** How the model is asked, see {@link Prompting}; what is usual for it if nothing is said. */
    public TuningRequest prompt(String name) {
        options.put("prompt", name);
        return this;
    }

    /**
     * How written answers are judged.
     *
     * @param how {@code by_likelihood}, {@code by_text} or {@code by_number}
     * @param newTokens of an answer, at most
     */
    public TuningRequest judged(String how, int newTokens) {
        options.put("judged", how);
        options.put("new_tokens", newTokens);
        return this;
    }

    /**
     * The tuning, its folder begun; one that was begun there before and is the same goes on.
     *
     * @throws IOException with every fault of the data by file and line
     * @throws IllegalArgumentException if the folder holds another one, or an option is wrong
     */
    public Tuning into(Path folder) throws IOException {
        var all = new LinkedHashMap<String, Object>();
        all.put("train", data.toString());
        all.put("test", test == null ? "" : test.toString());
        all.put("sha256", InstructionFiles.sha256(data, test, broken));
        all.putAll(options);
        if (broken != InstructionFiles.Broken.REFUSE) {
            all.put("broken", broken.name().toLowerCase(Locale.ROOT));
        }
        if (!all.containsKey("prompt")) {
            all.put("prompt", usualPrompt());
        }
        var task = Map.of("name", "instructions", "max_length", maxLength, "options", all);
        var adapter = Map.of("layer", layer, "rank", rank, "lora_alpha", 2 * rank);
        var base = new LinkedHashMap<String, Object>();
        base.putAll(Map.of("model", model, "task", task, "adapter", adapter));
        base.put("training", training);
        if (precision != Precision.float32) {
            base.put("precision", precision.name());
        }
        var tuning = Tuning.of(base, method, rates, seeds, folder);
        tuning.begin();
        return tuning;
    }

    private String usualPrompt() throws IOException {
        try (var opened = PretrainedModel.open(model);
                var tokenizer = opened.tokenizer()) {
            return Prompting.usual(tokenizer);
        }
    }
}
