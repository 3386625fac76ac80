package org.lowrank.model;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.lowrank.model.block.Network;
import org.lowrank.model.block.Nonlinearity;
import org.lowrank.model.block.TextEncoder;
import org.lowrank.model.head.ClassificationHead;
import org.lowrank.model.head.Pooler;
import org.lowrank.model.head.Pooling;
import org.lowrank.model.head.SentenceClassifier;

/** BERT, RoBERTa, DistilBERT. */
public final class BertFamily implements ModelFamily {

    /** The key of {@link Pooling}, {@code cls} if it is absent. */
    static final String SENTENCE_POOLING = "sentence_pooling";

    private static final String BERT = "bert";
    private static final String ROBERTA = "roberta";
    private static final String DISTILBERT = "distilbert";

    private static final Pattern TENSORFLOW_LAYER = Pattern.compile("layer_(\\d+)");
    private static final Pattern TABLE = Pattern.compile("embeddings\\.\\w+_embeddings");
    private static final Pattern BODY = Pattern.compile("(bert|roberta|distilbert)\\.(.+)");
    private static final Pattern BUFFER =
            Pattern.compile("(embeddings\\.(position|token_type)_ids|global_step)");
    private static final Pattern HEAD =
            Pattern.compile(
                    "(pooler|cls|classifier|pre_classifier|lm_head|qa_outputs|vocab_\\w+)\\..*");

    @Override
    public List<String> types() {
        return List.of(BERT, ROBERTA, DISTILBERT);
    }

    @Override
    public List<Class<? extends Network>> capabilities() {
        return List.of(TextEncoder.class, SentenceClassifier.class, PretrainedBert.class);
    }

    @Override
    public Network build(Wanted wanted) throws IOException {
        var config = wanted.config();
        var type = config.text("model_type", BERT);
        var sizes = sizes(type, config).withDropout(wanted.options().dropout());
        var pooling = pooling(config);
        int labels = labels(config);
        config.refuseOthers();
        if (wanted.as() == PretrainedBert.class) {
            return new PretrainedBert(sizes, wanted.parent());
        }
        var bert = new Bert(sizes, wanted.parent());
        if (wanted.as() == TextEncoder.class) {
            return bert;
        }
        boolean pooled =
                type.equals(BERT)
                        && pooling == Pooling.CLS
                        && wanted.inFile().contains("pooler.dense.weight");
        return new SentenceClassifier(
                bert,
                pooling,
                pooled ? new Pooler(sizes.hidden()) : null,
                new ClassificationHead(
                        headOf(type),
                        sizes.hidden(),
                        labels,
                        wanted.options().dropout(),
                        bert.manager()));
    }

    private static ClassificationHead.Form headOf(String type) {
        return switch (type) {
            case ROBERTA ->
                    new ClassificationHead.Form(
                            "classifier.dense", Nonlinearity.TANH, true, "classifier.out_proj");
            case DISTILBERT ->
                    new ClassificationHead.Form(
                            "pre_classifier", Nonlinearity.RELU, false, "classifier");
            default -> ClassificationHead.Form.PLAIN;
        };
    }

    /** A key of ours, for what a published encoder says beside its configuration. */
    private static Pooling pooling(ConfigKeys config) throws IOException {
        var name = config.text(SENTENCE_POOLING, "cls");
        for (var pooling : Pooling.values()) {
            if (pooling.name().toLowerCase(Locale.ROOT).equals(name)) {
                return pooling;
            }
        }
        throw config.refusal(SENTENCE_POOLING, "\"" + name + "\" is neither cls nor mean");
    }

    private static int labels(ConfigKeys config) throws IOException {
        int named = config.node("id2label").size();
        return config.positive("num_labels", named == 0 ? 2 : named);
    }

    private static BertConfig sizes(String type, ConfigKeys config) throws IOException {
        config.pass("tie_word_embeddings");
        if (type.equals(DISTILBERT)) {
            config.pass("dropout", "attention_dropout", "qa_dropout", "seq_classif_dropout");
            config.pass("sinusoidal_pos_embds", "tie_weights_"); // their table is in the file
            return checked(
                    config,
                    "n_heads",
                    "dim",
                    0,
                    BertConfig.Variant.distilBert(f(config, "activation")));
        }
        config.pass("hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout");
        config.only("position_embedding_type", "\"absolute\"");
        boolean roberta = type.equals(ROBERTA);
        double epsilon =
                config.number("layer_norm_eps", roberta ? 1e-5 : 1e-12, "above 0", v -> v > 0);
        int padding = roberta ? config.node("pad_token_id").asInt(1) : -1;
        return checked(
                config,
                "num_attention_heads",
                "hidden_size",
                config.positive("type_vocab_size", 2),
                BertConfig.Variant.bert(epsilon, padding, f(config, "hidden_act")));
    }

    private static BertConfig checked(
            ConfigKeys config, String heads, String hidden, int types, BertConfig.Variant variant)
            throws IOException {
        if (config.positive(hidden) % config.positive(heads) != 0) {
            throw config.refusal(
                    hidden,
                    "%d is not divisible by %s %d"
                            .formatted(config.positive(hidden), heads, config.positive(heads)));
        }
        return new BertConfig(
                config.positive("vocab_size"),
                config.positive("max_position_embeddings"),
                types,
                config.positive(hidden),
                config.positive(config.oneOf("intermediate_size", "hidden_dim")),
                config.positive(heads),
                config.positive(config.oneOf("num_hidden_layers", "n_layers")),
                0,
                variant);
    }

    private static Nonlinearity f(ConfigKeys config, String key) throws IOException {
        return config.nonlinearity(key, config.text(key, "gelu"));
    }

    /**
     * The names of PyTorch, of its first releases ({@code gamma}, {@code beta}), and of TensorFlow:
     * {@code module/bert/encoder/layer_0/output/dense/kernel}, which is kept (in, out).
     */
    @Override
    public Optional<Place> place(String nameInFile) {
        var name = nameInFile;
        if (name.contains("/")) {
            name =
                    TENSORFLOW_LAYER
                            .matcher(name.replaceFirst("^module/", ""))
                            .replaceAll("layer.$1");
            name = name.replace('/', '.').replaceFirst("output_bias$", "bias");
            name = name.replaceFirst("\\.kernel$", ".weight");
        }
        var inBody = BODY.matcher(name);
        name = inBody.matches() ? inBody.group(2) : name;
        name = name.replaceFirst("\\.gamma$", ".weight").replaceFirst("\\.beta$", ".bias");
        name = TABLE.matcher(name).matches() ? name + ".weight" : name;
        if (BUFFER.matcher(name).matches()) {
            return Optional.empty();
        }
        var place = Place.of(name).turned(nameInFile.endsWith("/kernel"));
        return Optional.of(HEAD.matcher(name).matches() ? place.asHead() : place);
    }

    @Override
    public String origin(String parameter) {
        if (parameter.contains("word_embeddings")) {
            return "vocab_size, hidden_size";
        } else if (parameter.contains("position_embeddings")) {
            return "max_position_embeddings, hidden_size";
        } else if (parameter.contains("token_type_embeddings")) {
            return "type_vocab_size, hidden_size";
        } else if (parameter.contains("intermediate") || parameter.contains("lin1")) {
            return "intermediate_size, hidden_size";
        } else if (parameter.startsWith("classifier")) {
            return "id2label, hidden_size";
        }
        return "hidden_size";
    }
}
