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
import org.lowrank.model.generate.Continuation;
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

    /** What is done with an open model. */
    @FunctionalInterface
    interface Use {
        void with(Writer writer) throws IOException;
    }

    /** Opens the model, with the adapter merged into it, and closes it. */
    void open(Use use) throws IOException {
        try (var manager = NDManager.newBaseManager();
                var opened = PretrainedModel.open(model);
                var tokenizer = opened.tokenizer();
                var network = opened.load(CausalModel.class, LoadOptions.PLAIN, manager)) {
            if (adapter == null) {
                use.with(new Writer(network, tokenizer, newTokens));
                return;
            }
            try (var adapters = PeftAdapter.load(adapter, network)) {
                adapters.merge();
                use.with(new Writer(network, tokenizer, newTokens));
            }
        }
    }

    /** Writes answers while it thinks of them. */
    record Writer(CausalModel model, TextTokenizer tokenizer, int newTokens) {

        /** The answer to a prompt, at every place the most probable token. */
        String answer(int[] prompt, PrintStream out) {
            var stream = tokenizer.stream(List.of());
            var stops = tokenizer.stopIds();
            try (var text = new Continuation(model, List.of(prompt), tokenizer.padId())) {
                for (int i = 0; i < newTokens; i++) {
                    int next = next(text);
                    if (stops.contains(next)) {
                        break;
                    }
                    out.print(stream.add(next));
                    out.flush();
                    text.append(next);
                }
            }
            out.println(stream.finish());
            return stream.text();
        }

        private int next(Continuation text) {
            try (var step = model.manager().newSubManager()) {
                return Math.toIntExact(text.next(step).argMax(1).toLongArray()[0]);
            }
        }
    }
}
