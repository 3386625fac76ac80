package org.lowrank.model.generate;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.peft.PeftAdapter;
import org.lowrank.engine.Precision;
import org.lowrank.model.LoadOptions;
import org.lowrank.model.PretrainedModel;
import org.lowrank.model.block.CausalModel;
import org.lowrank.text.Prompting;
import org.lowrank.text.TextTokenizer;

/**
 * A causal model with its words, ready to be asked.
 *
 * <pre>{@code
 * try (var model = LanguageModel.open("SmolLM2-135M-Instruct", Path.of("tuned/adapter"))) {
 *     model.answer("What is LoRA?", Generation.greedy(200), System.out::print);
 *     var talk = model.talk("You are brief.");
 *     talk.say("Hello!", Generation.greedy(50), System.out::print);
 * }
 * }</pre>
 */
public final class LanguageModel implements AutoCloseable {

    private final NDManager manager;
    private final CausalModel network;
    private final TextTokenizer tokenizer;
    private final Generator generator;
    private final AdapterSet adapters;

    private LanguageModel(
            NDManager manager, CausalModel network, TextTokenizer tokenizer, AdapterSet adapters) {
        this.manager = manager;
        this.adapters = adapters;
        this.network = network;
        this.tokenizer = tokenizer;
        generator = new Generator(network, tokenizer);
    }

    /**
     * Opens a model.
     *
     * @param model a published name, a Hugging Face folder, or a file
     */
    public static LanguageModel open(String model) throws IOException {
        return open(model, null);
    }

    /**
     * Opens a model with an adapter merged into it.
     *
     * @param adapter a folder of PEFT; null for none
     */
    public static LanguageModel open(String model, Path adapter) throws IOException {
        return open(model, adapter, Precision.float32);
    }

    /** The same in a precision: into a base of few bits nothing is merged, the adapter stays. */
    public static LanguageModel open(String model, Path adapter, Precision precision)
            throws IOException {
        var manager = NDManager.newBaseManager();
        try (var opened = PretrainedModel.open(model)) {
            var options = LoadOptions.PLAIN.withPrecision(precision);
            var network = opened.load(CausalModel.class, options, manager);
            var adapters = adapter == null ? null : PeftAdapter.load(adapter, network);
            if (adapters != null && precision == Precision.float32) {
                try (var merged = adapters) {
                    merged.mergeAndUnload();
                    adapters = null;
                }
            }
            return new LanguageModel(manager, network, opened.tokenizer(), adapters);
        } catch (IOException | RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** One that is at hand; it stays the caller's to close. */
    public static LanguageModel of(CausalModel network, TextTokenizer tokenizer) {
        return new LanguageModel(null, network, tokenizer, null);
    }

    public CausalModel network() {
        return network;
    }

    public TextTokenizer tokenizer() {
        return tokenizer;
    }

    public Generator generator() {
        return generator;
    }

    /**
     * Answers a question in the form that is usual for the model: its chat template, else plain.
     *
     * @param shown takes the pieces while they are written
     */
    public Written answer(String question, Generation how, Consumer<String> shown) {
        return answer(Prompting.usual(tokenizer), question, how, shown);
    }

    /**
     * Answers a question.
     *
     * @param prompt see {@link Prompting}
     */
    public Written answer(String prompt, String question, Generation how, Consumer<String> shown) {
        return write(Prompting.ids(prompt, question, tokenizer), how, shown);
    }

    private Written write(int[] ids, Generation how, Consumer<String> shown) {
        return generator.write(List.of(ids), how, (row, piece) -> shown.accept(piece));
    }

    /**
     * Begins a talk.
     *
     * @param system what the model is told first; null for what its template says by itself
     * @throws IllegalArgumentException if the model has no chat template
     */
    public Talk talk(String system) {
        tokenizer.chat(); // refuses before anything is typed
        return new Talk(system);
    }

    /** A talk, and what was said in it. */
    public final class Talk {

        private final List<Map<String, Object>> messages = new ArrayList<>();

        private Talk(String system) {
            if (system != null) {
                messages.add(Map.of("role", "system", "content", system));
            }
        }

        /** Says something, and keeps it and the answer. */
        public Written say(String text, Generation how, Consumer<String> shown) {
            messages.add(Map.of("role", "user", "content", text));
            var written = write(Prompting.ids(messages, tokenizer), how, shown);
            messages.add(Map.of("role", "assistant", "content", written.strings().get(0)));
            return written;
        }
    }

    @Override
    public void close() {
        if (manager != null) {
            tokenizer.close();
            if (adapters != null) {
                adapters.close();
            }
            network.close();
            manager.close();
        }
    }
}
