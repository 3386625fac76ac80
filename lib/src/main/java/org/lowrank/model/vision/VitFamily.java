package org.lowrank.model.vision;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.lowrank.model.ConfigKeys;
import org.lowrank.model.LoadOptions;
import org.lowrank.model.ModelFamily;
import org.lowrank.model.Place;
import org.lowrank.model.block.Attention;
import org.lowrank.model.block.DecoderLayer;
import org.lowrank.model.block.FeedForward;
import org.lowrank.model.block.ImageEncoder;
import org.lowrank.model.block.Network;
import org.lowrank.model.block.RandomWeights;
import org.lowrank.model.block.VisionTransformer;
import org.lowrank.model.head.ClassificationHead;
import org.lowrank.model.head.ImageClassifier;

/**
 * ViT (Dosovitskiy et al., arXiv 2010.11929). Files have the names of transformers 4 ({@code
 * attention.attention.query}), modules and adapters those of 5 ({@code attention.q_proj}); both are
 * understood.
 */
public final class VitFamily implements ModelFamily {

    private static final Pattern BODY = Pattern.compile("vit\\.(.+)");
    private static final Pattern HEAD =
            Pattern.compile("(classifier|pooler|decoder|embeddings\\.mask_token)(\\..*)?");

    private static final String LAYER = "layers.%d";

    static final Attention.Names ATTENTION =
            new Attention.Names("q_proj", "k_proj", "v_proj", "o_proj");

    @Override
    public List<String> types() {
        return List.of("vit");
    }

    @Override
    public List<Class<? extends Network>> capabilities() {
        return List.of(ImageEncoder.class, ImageClassifier.class);
    }

    @Override
    public Network build(Wanted wanted) throws IOException {
        var config = wanted.config();
        var keys = new VisionKeys(config);
        var form = vit(keys, wanted.options().dropout());
        int labels = keys.labels();
        config.refuseOthers();
        var encoder = new VisionTransformer(form, wanted.parent());
        return wanted.as() == ImageEncoder.class
                ? encoder
                : classifier(encoder, labels, wanted.options());
    }

    static ImageClassifier classifier(ImageEncoder encoder, int labels, LoadOptions options) {
        return new ImageClassifier(
                encoder,
                new ClassificationHead(
                        ClassificationHead.Form.PLAIN,
                        encoder.width(),
                        labels,
                        options.dropout(),
                        encoder.manager()));
    }

    private static VisionTransformer.Form vit(VisionKeys keys, double dropout) throws IOException {
        var config = keys.config();
        config.pass("hidden_dropout_prob", "attention_probs_dropout_prob", "encoder_stride");
        config.pass("pooler_output_size", "pooler_act"); // of a pooler that no classifier has
        var absent = new VisionKeys.Absent(768, 12, 12, 3072, "gelu", 1e-12);
        var names =
                new DecoderLayer.Names(
                        "layernorm_before",
                        "attention",
                        ATTENTION,
                        "layernorm_after",
                        "mlp",
                        new FeedForward.Names(null, "fc1", "fc2"));
        int inner = config.positive("intermediate_size", absent.inner());
        var layer = keys.layer(names, absent, inner, config.flag("qkv_bias", true), dropout);
        return form(keys, "vit", 16, LAYER, List.of(), null, layer, absent);
    }

    /**
     * A ViT that knows nothing: weights from N(0, 0.02²).
     *
     * @param image the side of a picture, in pixels
     * @param patch the side of a patch
     */
    public static VisionTransformer untrained(
            int image, int patch, int width, int layers, int heads, long seed, NDManager parent) {
        var config = JsonNodeFactory.instance.objectNode();
        config.put("image_size", image).put("patch_size", patch).put("hidden_size", width);
        config.put("num_hidden_layers", layers).put("num_attention_heads", heads);
        config.put("intermediate_size", 4 * width);
        return untrained(config, seed, parent);
    }

    /** The same of a {@code config.json}. */
    public static VisionTransformer untrained(JsonNode config, long seed, NDManager parent) {
        try {
            var keys = new VisionKeys(new ConfigKeys(Path.of("config.json"), config));
            var network = new VisionTransformer(vit(keys, 0), parent);
            RandomWeights.into(network.slots(), seed, network.manager());
            return network;
        } catch (IOException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    static VisionTransformer.Form form(
            VisionKeys keys,
            String body,
            int patch,
            String path,
            List<String> scales,
            String maskToken,
            DecoderLayer.Form layer,
            VisionKeys.Absent absent)
            throws IOException {
        var config = keys.config();
        int image = keys.side("image_size", 224);
        int side = keys.side("patch_size", patch);
        keys.requirePatch(image, side);
        var names =
                new VisionTransformer.Names(
                        body,
                        "embeddings.patch_embeddings.projection",
                        "embeddings.cls_token",
                        "embeddings.position_embeddings",
                        null,
                        path,
                        scales,
                        "layernorm",
                        maskToken);
        return new VisionTransformer.Form(
                names,
                image,
                side,
                config.positive("num_channels", 3),
                false,
                true,
                body.equals(Dinov2Family.TYPE),
                layer,
                keys.layers(absent));
    }

    @Override
    public Optional<Place> place(String nameInFile) {
        return Optional.of(place(nameInFile, BODY, LAYER));
    }

    static Place place(String nameInFile, Pattern body, String layer) {
        var inBody = body.matcher(nameInFile);
        var inNetwork = inBody.matches() ? inBody.group(1) : nameInFile;
        var name = VisionTransformer.currentPath(inNetwork, layer);
        var place = Place.of(name);
        return HEAD.matcher(name).matches() ? place.asHead() : place;
    }

    @Override
    public String origin(String parameter) {
        return originOf(parameter);
    }

    static String originOf(String parameter) {
        if (parameter.contains("patch_embeddings")) {
            return "patch_size, num_channels, hidden_size";
        } else if (parameter.contains("position_embeddings")) {
            return "image_size, patch_size, hidden_size";
        } else if (parameter.contains("mlp")) {
            return "intermediate_size or mlp_ratio, hidden_size";
        } else if (parameter.startsWith("classifier")) {
            return "id2label, hidden_size";
        } else if (parameter.endsWith("_proj.bias")) {
            return "qkv_bias";
        }
        return "hidden_size, num_hidden_layers";
    }
}
