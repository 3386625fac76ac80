package org.lowrank.model.vision;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.lowrank.model.ConfigKeys;
import org.lowrank.model.ModelFamily;
import org.lowrank.model.Place;
import org.lowrank.model.block.Attention;
import org.lowrank.model.block.DecoderLayer;
import org.lowrank.model.block.FeedForward;
import org.lowrank.model.block.ImageEncoder;
import org.lowrank.model.block.Network;
import org.lowrank.model.block.VisionTransformer;
import org.lowrank.model.head.ImageClassifier;

/** CLIP: both towers, or the vision tower alone, as an encoder or under a head. */
public final class ClipFamily implements ModelFamily {

    private static final Pattern BUFFER = Pattern.compile(".*\\.position_ids");
    private static final Pattern VISION = Pattern.compile("vision_model\\..+");

    private static final DecoderLayer.Names NAMES =
            new DecoderLayer.Names(
                    "layer_norm1",
                    "self_attn",
                    new Attention.Names("q_proj", "k_proj", "v_proj", "out_proj"),
                    "layer_norm2",
                    "mlp",
                    new FeedForward.Names(null, "fc1", "fc2"));

    private static final VisionKeys.Absent TEXT =
            new VisionKeys.Absent(512, 12, 8, 2048, "quick_gelu", 1e-5);
    private static final VisionKeys.Absent IMAGE =
            new VisionKeys.Absent(768, 12, 12, 3072, "quick_gelu", 1e-5);

    @Override
    public List<String> types() {
        return List.of("clip");
    }

    @Override
    public List<Class<? extends Network>> capabilities() {
        return List.of(Clip.class, ImageEncoder.class, ImageClassifier.class);
    }

    @Override
    public Network build(Wanted wanted) throws IOException {
        var config = wanted.config();
        config.pass("tie_word_embeddings");
        var vision = vision(part(config, "vision_config"), wanted.options().dropout());
        var text = text(part(config, "text_config"), wanted.options().dropout());
        int space = config.positive("projection_dim", 512);
        double scale = config.number("logit_scale_init_value", 2.6592, "finite", Double::isFinite);
        int labels = new VisionKeys(config).labels();
        config.refuseOthers();
        if (wanted.as() == Clip.class) {
            return new Clip(vision, text, space, scale, wanted.parent());
        }
        var encoder = new VisionTransformer(vision, wanted.parent());
        return wanted.as() == ImageEncoder.class
                ? encoder
                : VitFamily.classifier(encoder, labels, wanted.options());
    }

    /** A tower's own configuration; {@code text_config_dict} of old files replaces all of it. */
    private static ConfigKeys part(ConfigKeys config, String key) throws IOException {
        var replacing = key + "_dict";
        var part = config.part(config.has(replacing) ? replacing : key);
        config.pass(key);
        part.pass("attention_dropout", "dropout", "projection_dim", "tie_word_embeddings");
        return part;
    }

    private static VisionTransformer.Form vision(ConfigKeys config, double dropout)
            throws IOException {
        var keys = new VisionKeys(config);
        int image = keys.side("image_size", 224);
        int patch = keys.side("patch_size", 32);
        keys.requirePatch(image, patch);
        int inner = config.positive("intermediate_size", IMAGE.inner());
        var form =
                new VisionTransformer.Form(
                        new VisionTransformer.Names(
                                "",
                                "vision_model.embeddings.patch_embedding",
                                "vision_model.embeddings.class_embedding",
                                "vision_model.embeddings.position_embedding.weight",
                                "vision_model.pre_layrnorm",
                                "vision_model.encoder.layers.%d",
                                List.of(),
                                "vision_model.post_layernorm",
                                null),
                        image,
                        patch,
                        config.positive("num_channels", 3),
                        true,
                        false,
                        false,
                        keys.layer(NAMES, IMAGE, inner, true, dropout),
                        keys.layers(IMAGE));
        config.refuseOthers();
        return form;
    }

    private static ClipText.Form text(ConfigKeys config, double dropout) throws IOException {
        var keys = new VisionKeys(config);
        int vocabulary = config.positive("vocab_size", 49408);
        var end = config.node("eos_token_id");
        if (!end.isMissingNode() && !end.isInt()) {
            throw config.refusal(
                    "eos_token_id",
                    "must be one id, that of the token that stands for a text, not " + end);
        }
        int inner = config.positive("intermediate_size", TEXT.inner());
        var form =
                new ClipText.Form(
                        vocabulary,
                        config.positive("max_position_embeddings", 77),
                        keys.layer(NAMES, TEXT, inner, true, dropout),
                        keys.layers(TEXT),
                        end.asInt(49407));
        config.refuseOthers();
        return form;
    }

    @Override
    public Optional<Place> place(String nameInFile) {
        if (BUFFER.matcher(nameInFile).matches()) {
            return Optional.empty();
        }
        var place = Place.of(nameInFile);
        return Optional.of(VISION.matcher(nameInFile).matches() ? place : place.asHead());
    }

    @Override
    public String origin(String parameter) {
        var part = parameter.startsWith("text") ? "text_config" : "vision_config";
        if (parameter.contains("token_embedding")) {
            return "text_config.vocab_size, text_config.hidden_size";
        } else if (parameter.contains("position_embedding")) {
            return part.startsWith("text")
                    ? "text_config.max_position_embeddings"
                    : "vision_config.image_size, vision_config.patch_size";
        } else if (parameter.contains("projection")) {
            return "projection_dim, " + part + ".hidden_size";
        } else if (parameter.contains("mlp")) {
            return part + ".intermediate_size, " + part + ".hidden_size";
        }
        return part + ".hidden_size, " + part + ".num_hidden_layers";
    }
}
