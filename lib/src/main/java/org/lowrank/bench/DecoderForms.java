package org.lowrank.bench;

import java.util.List;
import org.lowrank.model.block.Attention;
import org.lowrank.model.block.Decoder;
import org.lowrank.model.block.DecoderLayer;
import org.lowrank.model.block.FeedForward;
import org.lowrank.model.block.Nonlinearity;
import org.lowrank.model.block.NormLayer;
import org.lowrank.model.block.RotaryPositions;
import org.lowrank.model.block.RotaryScaling;

/** Two small decoders of two layers that have nothing in common but attention. */
final class DecoderForms {

    private DecoderForms() {}

    /** As Llama: gated, RMS norm, rotary positions, heads that share keys, tied head. */
    static Decoder.Form gated() {
        var names =
                new DecoderLayer.Names(
                        "input_layernorm",
                        "self_attn",
                        new Attention.Names("q_proj", "k_proj", "v_proj", "o_proj"),
                        "post_attention_layernorm",
                        "mlp",
                        new FeedForward.Names("gate_proj", "up_proj", "down_proj"));
        var layer =
                new DecoderLayer.Form(
                        names,
                        new Attention.Form(128, 8, 2, 16, false, false, 0.25, null, 0),
                        new FeedForward.Form(128, 344, false, Nonlinearity.SILU),
                        new NormLayer.Form(NormLayer.Kind.RMS, 1e-5),
                        0,
                        0);
        return new Decoder.Form(
                1000,
                128,
                128,
                "model.embed_tokens",
                null,
                new RotaryPositions.Form(10_000, 16, new RotaryScaling.Plain()),
                1,
                0,
                "model.layers.%d",
                List.of(layer, layer),
                "model.norm",
                false);
    }

    /** As GPT-2: GELU, layer norm, a table of positions. */
    static Decoder.Form plain() {
        var names =
                new DecoderLayer.Names(
                        "ln_1",
                        "attn",
                        new Attention.Names("q_proj", "k_proj", "v_proj", "o_proj"),
                        "ln_2",
                        "mlp",
                        new FeedForward.Names(null, "c_fc", "c_proj"));
        var layer =
                new DecoderLayer.Form(
                        names,
                        Attention.Form.plain(128, 8, 0),
                        new FeedForward.Form(128, 512, true, Nonlinearity.GELU_TANH),
                        new NormLayer.Form(NormLayer.Kind.LAYER, 1e-5),
                        0,
                        0);
        return new Decoder.Form(
                1000,
                128,
                128,
                "transformer.wte",
                "transformer.wpe",
                null,
                1,
                0,
                "transformer.h.%d",
                List.of(layer, layer),
                "transformer.ln_f",
                true);
    }
}
