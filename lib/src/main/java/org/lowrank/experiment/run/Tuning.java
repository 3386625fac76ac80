package org.lowrank.experiment.run;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.lowrank.adapter.peft.PeftAdapter;
import org.lowrank.config.Json;
import org.lowrank.config.JsonDocument;
import org.lowrank.engine.AtomicFile;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.record.RunRecord;
import org.lowrank.experiment.spec.RunConfig;
import org.lowrank.experiment.spec.SpecificationException;
import org.lowrank.experiment.spec.SpecificationReader;
import org.lowrank.model.LoadOptions;
import org.lowrank.model.ModelFolder;
import org.lowrank.model.PretrainedModel;
import org.lowrank.model.block.CausalModel;
import org.lowrank.train.Checkpoints;
import org.lowrank.train.TrainingListener;

/**
 * A model tuned on data of one's own, as a table of one method: the rates by the fair protocol, the
 * best one evaluated, its adapter kept. What was done stands in the folder, so that a tuning that
 * was killed goes on where it was.
 *
 * @param specification the table, written to {@code tune.json}
 * @param folder holds {@code runs}, {@code adapter} and {@code tune.json}
 */
public record Tuning(ObjectNode specification, Path folder) {

    private static final String FILE = "tune.json";

    /** The table of one method; what is not put into {@code base} takes its default. */
    public static Tuning of(
            Map<String, ?> base, String method, List<Double> rates, List<Long> seeds, Path folder) {
        boolean tuned = rates.size() > 1;
        var protocol = new LinkedHashMap<String, Object>();
        protocol.put("kind", tuned ? "tuned" : "fixed");
        protocol.put("learning_rates", rates);
        protocol.put("search_seeds", List.of(0));
        protocol.put("seeds", seeds);
        protocol.put("max_extensions", 1);
        var table = new LinkedHashMap<String, Object>();
        table.put("name", "tune");
        table.put("base", base);
        table.put("tasks", List.of(Map.of("label", "test")));
        table.put(
                "methods",
                List.of(
                        Map.of(
                                "label",
                                method,
                                "with",
                                Map.of("optimizer", Map.of("name", method)))));
        table.put("frozen_encoder", false);
        table.put("protocol", protocol);
        return new Tuning(Json.mapper().valueToTree(table), folder);
    }

    /** What is to be run; refused with every field that cannot be. */
    public Planner planner() {
        var text = specification.toString();
        return new Planner(
                SpecificationReader.parse(text, "", FILE), RunFolder.at(folder.resolve("runs")));
    }

    /**
     * The first run that is judged on the test rows, at the first rate: what all have in common.
     */
    public RunConfig example() {
        var grid = planner().grid();
        var protocol = grid.experiment().protocol();
        return grid.cells()
                .get(0)
                .config(
                        protocol.learningRates().get(0),
                        protocol.seeds().get(0),
                        RunConfig.Phase.evaluation);
    }

    /** Where the trained adapter is, as PEFT has it. */
    public Path adapter() {
        return folder.resolve("adapter");
    }

    /** The learning rates that are tried, and then the judged runs. */
    public int runs() {
        var protocol = planner().grid().experiment().protocol();
        int rates = protocol.learningRates().size();
        return (rates > 1 ? rates : 0) + protocol.seeds().size();
    }

    /**
     * What was seen at the first start, or is seen now: the data, and the untrained model.
     *
     * @throws IOException with every fault of the data by file and line; then nothing is begun
     */
    public DataLook look() throws IOException {
        var file = folder.resolve("look.json");
        if (Files.exists(file)) {
            return JsonDocument.read(file).as(DataLook.class);
        }
        DataLook look;
        try {
            look = DataLook.of(example());
        } catch (IOException | IllegalArgumentException e) {
            Files.deleteIfExists(folder.resolve(FILE));
            throw e;
        }
        AtomicFile.write(
                file, out -> out.write(Json.pretty(look).getBytes(StandardCharsets.UTF_8)));
        return look;
    }

    /**
     * The model with the trained adapter in it, as a folder that transformers opens.
     *
     * @return its place; it is written once
     */
    public Path merged() throws IOException {
        var merged = folder.resolve("merged");
        if (Files.exists(merged.resolve("model.safetensors"))
                || Files.exists(merged.resolve("model.safetensors.index.json"))) {
            return merged;
        }
        try (var manager = NDManager.newBaseManager();
                var opened = PretrainedModel.open(example().model());
                var network = opened.load(CausalModel.class, LoadOptions.PLAIN, manager);
                var adapters = PeftAdapter.load(adapter(), network)) {
            adapters.merge();
            ModelFolder.write(opened, network, merged);
        }
        return merged;
    }

    /**
     * Writes down what is asked for.
     *
     * @throws SpecificationException with every field that cannot be run
     * @throws IllegalArgumentException if the folder holds another tuning
     */
    public void begin() throws IOException {
        planner(); // refuses before there is a folder
        Files.createDirectories(folder);
        var file = folder.resolve(FILE);
        var text = specification.toPrettyString() + "\n";
        if (Files.exists(file)) {
            var before = JsonDocument.read(file).object();
            // numbers of one value are of several kinds in a tree that was not read
            if (!before.equals(Json.mapper().readTree(text))) {
                throw new IllegalArgumentException(
                        folder
                                + " holds another tuning (see "
                                + file
                                + "), or one of data that have changed; choose another folder, or"
                                + " delete this one");
            }
            return;
        }
        try (var files = Files.list(folder)) {
            if (files.findAny().isPresent()) {
                throw new IllegalArgumentException(
                        folder + " holds something else; choose an empty or a new folder");
            }
        }
        AtomicFile.write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** A run that begins. */
    public record Begun(PlannedRun run, int number, int expected) {}

    /**
     * Does what is left, one run after the other in this process.
     *
     * @param told of each run that begins; what it gives is told of each step
     * @return the records of the judged runs by seed; empty if it was stopped
     * @throws IOException if a run failed; the message is the run's
     */
    public Optional<List<RunRecord>> run(
            Function<Begun, TrainingListener> told, Consumer<RunExecution> running)
            throws IOException {
        var planner = planner();
        while (true) {
            var plan = planner.plan().get(0);
            var next = plan.runs().filter(run -> !run.isDone()).findFirst();
            if (next.isEmpty()) {
                return Optional.of(
                        plan.evaluation().stream().map(run -> run.record().orElseThrow()).toList());
            }
            var run = next.get();
            int done = (int) plan.runs().filter(PlannedRun::isDone).count();
            planner.folder().request(run.config());
            var execution =
                    RunExecution.inThisSession(planner.folder(), Checkpoints.Interval.STANDARD)
                            .watchedBy(told.apply(new Begun(run, done + 1, plan.expectedRuns())));
            long first = planner.grid().experiment().protocol().seeds().get(0);
            if (run.config().phase() == RunConfig.Phase.evaluation
                    && run.config().seed() == first) {
                execution.savingAdapterTo(adapter());
            }
            running.accept(execution);
            var record = execution.execute(run.hash());
            if (record.isEmpty()) {
                throw new IOException(
                        "another process works on " + folder + " (run " + run.hash() + ")");
            }
            switch (record.get().status()) {
                case failed -> throw new IOException(record.get().runInfo().errorMsg());
                case cancelled -> {
                    return Optional.empty();
                }
                default -> {}
            }
        }
    }
}
