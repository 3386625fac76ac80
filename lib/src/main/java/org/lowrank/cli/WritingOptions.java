package org.lowrank.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.lowrank.adapter.peft.PeftAdapter;
import org.lowrank.model.generate.Generation;
import org.lowrank.model.generate.LanguageModel;
import org.lowrank.model.generate.Written;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a command writes texts: which model with which adapter, drawn or searched for how. */
final class WritingOptions {

    private static final int NEW_TOKENS = 256;

    @Mixin private ModelOptions model;

    @Option(names = "--adapter", paramLabel = "FOLDER", description = "An adapter of PEFT.")
    private Path adapter;

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

    ModelOptions model() {
        return model;
    }

    Path adapter() {
        return adapter;
    }

    /** Says so if the adapter was trained on other weights than a float base has. */
    LanguageModel open() throws IOException {
        if (adapter != null) {
            PeftAdapter.quantizedBase(adapter)
                    .ifPresent(
                            base ->
                                    System.err.printf(
                                            "[the adapter was trained on %s, a quantised base by"
                                                    + " its name: on %s its answers may differ]%n",
                                            base, model.model()));
        }
        return LanguageModel.open(model.model(), adapter, model.precision());
    }

    Generation how() {
        return how(NEW_TOKENS);
    }

    /**
     * @param usualTokens of an answer, if nothing is said
     */
    Generation how(int usualTokens) {
        return Generation.greedy(model.newTokens().orElse(usualTokens))
                .withTemperature(temperature)
                .withTopP(topP)
                .withTopK(topK)
                .withSeed(seed)
                .withNumBeams(beams)
                .withStopTexts(stops.toArray(String[]::new));
    }

    /** Shows the pieces of a text as they come. */
    static Consumer<String> onto(PrintStream out) {
        return piece -> {
            out.print(piece);
            out.flush();
        };
    }

    /** Ends the line of a text, and tells how fast it came. */
    static void told(Written written, PrintStream out) {
        out.println();
        System.err.println("[" + written + "]");
    }
}
