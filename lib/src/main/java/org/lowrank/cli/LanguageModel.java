package org.lowrank.cli;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import org.lowrank.adapter.peft.PeftAdapter;
import org.lowrank.model.LoadOptions;
import org.lowrank.model.PretrainedModel;
import org.lowrank.model.block.CausalModel;
import org.lowrank.model.generate.Generation;
import org.lowrank.model.generate.Generator;
import org.lowrank.text.TextTokenizer;
import picocli.CommandLine.Option;

/** The model of a command that writes texts, with or without an adapter. */
final class LanguageModel {

    @Option(
            names = "--model",
            required = true,
            paramLabel = "NAME|FOLDER|FILE",
            description = "The model: a published name, a Hugging Face folder, a GGUF file.")
    private String model;

    @Option(names = "--adapter", paramLabel = "FOLDER", description = "An adapter of PEFT.")
    private Path adapter;

    @Option(
            names = "--new-tokens",
            paramLabel = "N",
            defaultValue = "256",
            description = "The most tokens of an answer (${DEFAULT-VALUE}).")
    private int newTokens;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description = "0, if not given: the most probable token; above: tokens are drawn.")
    private double temperature;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            defaultValue = "1",
            description = "Drawn among the most probable with this probability together.")
    private double topP;

    @Option(names = "--top-k", paramLabel = "K", description = "Drawn among that many; 0: all.")
    private int topK;

    @Option(names = "--seed", paramLabel = "SEED", description = "Of the draws.")
    private long seed;

    @Option(
            names = "--beams",
            paramLabel = "N",
            defaultValue = "1",
            description = "Texts that are followed together (${DEFAULT-VALUE}).")
    private int beams;

    @Option(names = "--stop", paramLabel = "TEXT", description = "A text that ends an answer.")
    private List<String> stops = List.of();

    /** What is done with an open model. */
    @FunctionalInterface
    interface Use {
        void with(Writer writer) throws IOException;
    }

    /** Opens the model, with the adapter merged into it, and closes it. */
    void open(Use use) throws IOException {
        var how =
                Generation.greedy(newTokens)
                        .withTemperature(temperature)
                        .withTopP(topP)
                        .withTopK(topK)
                        .withSeed(seed)
                        .withNumBeams(beams)
                        .withStopTexts(stops.toArray(String[]::new));
        try (var manager = NDManager.newBaseManager();
                var opened = PretrainedModel.open(model);
                var tokenizer = opened.tokenizer();
                var network = opened.load(CausalModel.class, LoadOptions.PLAIN, manager)) {
            var writer = new Writer(new Generator(network, tokenizer), tokenizer, how);
            if (adapter == null) {
                use.with(writer);
                return;
            }
            try (var adapters = PeftAdapter.load(adapter, network)) {
                adapters.merge();
                use.with(writer);
            }
        }
    }

    /** Writes answers while the model thinks of them. */
    record Writer(Generator generator, TextTokenizer tokenizer, Generation how) {

        /** The answer, shown piece by piece; how fast it came goes to the standard error. */
        String answer(int[] prompt, PrintStream out) {
            var written =
                    generator.write(
                            List.of(prompt),
                            how,
                            (row, piece) -> {
                                out.print(piece);
                                out.flush();
                            });
            out.println();
            System.err.println("[" + written + "]");
            return written.strings().get(0);
        }
    }
}
