package org.lowrank.model;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.lowrank.data.image.ImageProcessor;
import org.lowrank.engine.Precision;
import org.lowrank.model.block.Network;
import org.lowrank.model.block.Slot;
import org.lowrank.model.head.Classifier;
import org.lowrank.model.head.Pooling;
import org.lowrank.model.head.SentenceClassifier;
import org.lowrank.text.TextTokenizer;
import org.lowrank.weights.MalformedFileException;
import org.lowrank.weights.TensorSource;

/**
 * A model that somebody has trained, opened: its configuration is understood, its tensors are named
 * and not yet read.
 *
 * <pre>{@code
 * try (var opened = PretrainedModel.open("all-MiniLM-L6-v2")) {
 *     var encoder = opened.load(TextEncoder.class, LoadOptions.PLAIN, manager);
 * }
 * }</pre>
 */
public final class PretrainedModel implements AutoCloseable {

    private final ModelFiles files;
    private final ModelFamily family;

    private PretrainedModel(ModelFiles files) throws IOException {
        this.files = files;
        family = ModelFamilies.of(files.configFile(), files.config());
    }

    /**
     * Opens a model by the name under which it was published, by the folder in which it lies, or by
     * its file.
     *
     * @throws IOException if it cannot be read or is not understood; the message says where and why
     */
    public static PretrainedModel open(String nameOrPath) throws IOException {
        var known = PublishedModels.known(nameOrPath);
        if (known.isPresent()) {
            return of(ModelFiles.published(PublishedModels.of(known.get())));
        }
        var path = Path.of(nameOrPath);
        if (!Files.exists(path)) {
            throw new IOException(
                    "'%s' is no file or folder (%s), and no model has that name; there are %s"
                            .formatted(nameOrPath, path.toAbsolutePath(), PublishedModels.names()));
        }
        return open(path);
    }

    /** Opens the model of a folder or a file. */
    public static PretrainedModel open(Path path) throws IOException {
        return of(ModelFiles.at(path));
    }

    /** Opens a configuration and tensors that lie apart. */
    public static PretrainedModel of(Path configFile, JsonNode config, TensorSource weights)
            throws IOException {
        return of(ModelFiles.of(configFile, config, weights));
    }

    private static PretrainedModel of(ModelFiles files) throws IOException {
        try {
            return new PretrainedModel(files);
        } catch (IOException | RuntimeException e) {
            files.close();
            throw e;
        }
    }

    /**
     * Loads the network.
     *
     * @param as what it is to be able to do: {@code TextEncoder}, {@code CausalModel}, {@code
     *     EncoderDecoder}, {@code SentenceClassifier} with the head of the files
     * @param parent gives the device, and frees the network when it is closed
     * @throws IllegalArgumentException if its family cannot do that; the message says what it can
     * @throws IOException if the configuration asks for what is not built, or the file does not
     *     hold exactly this network
     */
    public <N extends Network> N load(Class<N> as, LoadOptions options, NDManager parent)
            throws IOException {
        var network = build(as, files.config(), options, parent);
        return filled(network, network.slots(), options.precision());
    }

    /** Whether it can be loaded so. */
    public boolean can(Class<? extends Network> as) {
        return family.capabilities().contains(as);
    }

    /**
     * Loads the encoder under a new classification head, as its fine-tuning is usually done: its
     * own pooling, and its pooler if it has one.
     *
     * @param labels number of classes, 1 for a regression
     * @param seed of the head's first weights
     */
    public SentenceClassifier classifier(
            int labels, LoadOptions options, long seed, NDManager parent) throws IOException {
        return classifier(SentenceClassifier.class, labels, options, seed, parent);
    }

    /** The same of any kind, such as an {@code ImageClassifier}. */
    public <C extends Classifier> C classifier(
            Class<C> as, int labels, LoadOptions options, long seed, NDManager parent)
            throws IOException {
        ObjectNode config = files.config().deepCopy();
        config.remove("id2label");
        config.put("num_labels", labels);
        var network = build(as, config, options, parent);
        var slots = new LinkedHashMap<>(network.slots());
        slots.keySet().removeAll(network.head().slots().keySet());
        network.head().startAt(seed);
        return filled(network, slots, options.precision());
    }

    private <N extends Network> N build(
            Class<N> as, JsonNode config, LoadOptions options, NDManager parent)
            throws IOException {
        if (!can(as)) {
            throw new IllegalArgumentException(
                    "%s is a %s, which can be loaded as %s, but not as %s"
                            .formatted(
                                    name(),
                                    config.path("model_type").asText(),
                                    family.capabilities().stream()
                                            .map(Class::getSimpleName)
                                            .toList(),
                                    as.getSimpleName()));
        }
        var packed = config.path("quantization_config");
        if (packed.isObject()) {
            throw new MalformedFileException(
                    files.configFile(),
                    "quantization_config",
                    "%s %s is not read; take the folder of this model with float weights, or a GGUF file"
                            .formatted(
                                    packed.path("quant_method").asText("a packed form"),
                                    packed.path("bnb_4bit_quant_type").asText("")));
        }
        var inFile = new HashSet<String>();
        for (var name : files.weights().names()) {
            files.place(family, name).ifPresent(place -> inFile.add(place.parameter()));
        }
        var keys = new ConfigKeys(files.configFile(), config);
        return as.cast(family.build(new ModelFamily.Wanted(as, keys, inFile, options, parent)));
    }

    private <N extends Network> N filled(N network, Map<String, Slot> slots, Precision precision)
            throws IOException {
        try {
            Function<String, Optional<Place>> places = name -> files.place(family, name);
            new WeightLoader(files.weights(), places, family::origin, precision)
                    .fill(slots, network.manager());
            network.filled();
            return network;
        } catch (IOException | RuntimeException e) {
            network.close();
            throw e;
        }
    }

    /**
     * The tensors of the files that {@link #load} would not use, for example those of a head.
     *
     * @param network as it was loaded
     */
    public List<String> unused(Network network) {
        var unused = new ArrayList<String>();
        for (var name : files.weights().names()) {
            var place = files.place(family, name);
            if (place.isEmpty() || !network.slots().containsKey(place.get().parameter())) {
                unused.add(name);
            }
        }
        return unused;
    }

    /** The network's name of a tensor of the files. */
    public Optional<Place> place(String nameInFile) {
        return files.place(family, nameInFile);
    }

    /** The name under which it was published, or that of its folder or file. */
    public String name() {
        return files.name();
    }

    /** Where its files came from: an artifact's coordinates, or a path. */
    public String source() {
        return files.source();
    }

    /** Its {@code config.json}. */
    public JsonNode config() {
        return files.config();
    }

    public TensorSource weights() {
        return files.weights();
    }

    /**
     * How pictures are prepared for it: {@code preprocessor_config.json} of its folder, else the
     * way of its family if that has one for all its models.
     *
     * @throws MalformedFileException if neither is there, or the file asks for what is not built
     */
    public ImageProcessor imageProcessor() throws IOException {
        var folder = Path.of(source());
        var usual = family.imageProcessor();
        return usual.isEmpty() || Files.exists(folder.resolve(ImageProcessor.FILE))
                ? ImageProcessor.ofFolder(folder)
                : usual.get();
    }

    /** How its authors make one vector of a sentence; {@code CLS} where they do not say. */
    public Pooling pooling() {
        var named = config().path(BertFamily.SENTENCE_POOLING).asText("cls");
        return Pooling.valueOf(named.toUpperCase(Locale.ROOT));
    }

    /** What its authors put before each sentence. */
    public String prefix() {
        return files.prefix();
    }

    /**
     * Its tokenizer, read anew.
     *
     * @throws MalformedFileException if it has an id beyond the model's table; the other way round
     *     is sound, tables are often padded
     */
    public TextTokenizer tokenizer() throws IOException {
        var tokenizer = files.tokenizer();
        int rows = config().path("vocab_size").asInt(Integer.MAX_VALUE);
        if (tokenizer.size() <= rows) {
            return tokenizer;
        }
        try (tokenizer) {
            throw new MalformedFileException(
                    files.configFile(),
                    "vocab_size",
                    "\"%s\" is id %d of the tokenizer, but the table (model.embed_tokens or its like) has %d rows; the tokenizer is of another model, or the table was not resized"
                            .formatted(tokenizer.word(rows), rows, rows));
        }
    }

    @Override
    public void close() {
        files.close();
    }

    @Override
    public String toString() {
        return name();
    }
}
