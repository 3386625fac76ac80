package org.lowrank.model.vision;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.lowrank.model.ModelFamily;
import org.lowrank.model.Place;
import org.lowrank.model.block.DecoderLayer;
import org.lowrank.model.block.FeedForward;
import org.lowrank.model.block.ImageEncoder;
import org.lowrank.model.block.Network;
import org.lowrank.model.block.Nonlinearity;
import org.lowrank.model.block.VisionTransformer;
import org.lowrank.model.head.ImageClassifier;

/**
 * DINOv2 (Oquab et al., arXiv 2304.07193): ViT whose parts are scaled by trained vectors, with a
 * plain or a gated feed-forward map. A classifier reads the token of the picture and the mean of
 * the patches.
 */
public final class Dinov2Family implements ModelFamily {

    static final String TYPE = "dinov2";

    private static final String LAYER = "encoder.layer.%d";
    private static final String PACKED = "weights_in";
    private static final String MASK = "embeddings.mask_token";
    private static final Pattern BODY = Pattern.compile("dinov2\\.(.+)");

    @Override
    public List<String> types() {
        return List.of(TYPE);
    }

    @Override
    public List<Class<? extends Network>> capabilities() {
        return List.of(ImageEncoder.class, ImageClassifier.class);
    }

    @Override
    public Network build(Wanted wanted) throws IOException {
        var config = wanted.config();
        var keys = new VisionKeys(config);
        var form = dino(keys, wanted.inFile(), wanted.options().dropout());
        int labels = keys.labels();
        config.refuseOthers();
        var encoder = new VisionTransformer(form, wanted.parent());
        return wanted.as() == ImageEncoder.class
                ? encoder
                : VitFamily.classifier(encoder, labels, wanted.options());
    }

    private static VisionTransformer.Form dino(VisionKeys keys, Set<String> inFile, double dropout)
            throws IOException {
        var config = keys.config();
        config.pass("hidden_dropout_prob", "attention_probs_dropout_prob", "drop_path_rate");
        // the start of what the file holds, and the outputs of a backbone, which is not built
        config.pass("layerscale_value", "out_features", "out_indices", "stage_names");
        config.pass("apply_layernorm", "reshape_hidden_states");
        boolean masked = config.flag("use_mask_token", true);
        var absent = new VisionKeys.Absent(768, 12, 12, 0, "gelu", 1e-6);
        int width = config.positive("hidden_size", absent.width());
        double ratio = config.number("mlp_ratio", 4, "above 0", v -> v > 0);
        int inner = (int) (width * ratio);
        boolean gated = config.flag("use_swiglu_ffn", false);
        if (gated) { // two thirds, rounded up to a multiple of 8
            inner = (int) (inner * 2 / 3.0 + 7) / 8 * 8;
        }
        boolean apart = inFile.stream().anyMatch(name -> name.endsWith("mlp.gate_proj.weight"));
        var gatedNames =
                apart
                        ? new FeedForward.Names("gate_proj", "up_proj", "down_proj")
                        : new FeedForward.Names(PACKED, PACKED, "weights_out");
        var names =
                new DecoderLayer.Names(
                        "norm1",
                        "attention",
                        VitFamily.ATTENTION,
                        "norm2",
                        "mlp",
                        gated ? gatedNames : new FeedForward.Names(null, "fc1", "fc2"));
        var layer = keys.layer(names, absent, inner, config.flag("qkv_bias", true), dropout);
        if (gated) { // whatever hidden_act says
            var f = layer.feedForward();
            layer =
                    new DecoderLayer.Form(
                            names,
                            layer.attention(),
                            new FeedForward.Form(f.width(), f.inner(), true, Nonlinearity.SILU),
                            layer.norm(),
                            0,
                            dropout);
        }
        return VitFamily.form(
                keys,
                TYPE,
                14,
                LAYER,
                List.of("layer_scale1.lambda1", "layer_scale2.lambda1"),
                masked && inFile.contains(MASK) ? MASK : null,
                layer,
                absent);
    }

    @Override
    public Optional<Place> place(String nameInFile) {
        return Optional.of(VitFamily.place(nameInFile, BODY, LAYER));
    }

    @Override
    public String origin(String parameter) {
        return VitFamily.originOf(parameter);
    }
}
