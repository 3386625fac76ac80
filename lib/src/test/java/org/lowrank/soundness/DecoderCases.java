package org.lowrank.soundness;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.engine.Precision;
import org.lowrank.model.ConfigKeys;
import org.lowrank.model.LoadOptions;
import org.lowrank.model.ModelFamilies;
import org.lowrank.model.ModelFamily;
import org.lowrank.model.block.Autoregressive;
import org.lowrank.model.block.EmbeddingTable;
import org.lowrank.model.block.EncoderDecoder;
import org.lowrank.model.block.RandomWeights;
import org.lowrank.model.head.TokenLoss;
import org.lowrank.text.TokenBatch;
import org.lowrank.text.Tokens;

/** Decoders of every family, alone or behind an encoder, trained whole and by adapters. */
final class DecoderCases {

    private static final String SIZES =
            """
            "vocab_size": 40, "hidden_size": 8, "intermediate_size": 12, "num_hidden_layers": 2,
            "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 4,
            """;
    private static final List<Tokens> BATCH =
            List.of(
                    new Tokens(new int[] {1, 5, 2, 7, 30}, new int[5]),
                    new Tokens(new int[] {1, 9, 8}, new int[3]));

    private DecoderCases() {}

    static Stream<GraphCase> all() {
        return Stream.of(
                whole("Llama, shared key heads", llama("llama", "\"attention_bias\": true")),
                whole(
                        "Llama, stretched positions, own head",
                        llama(
                                "llama",
                                """
                                "tie_word_embeddings": false,
                                "rope_scaling": {"rope_type": "linear", "factor": 2}\
                                """)),
                whole("Mistral, window", llama("mistral", "\"sliding_window\": 2")),
                whole("Qwen 3, normalised heads", llama("qwen3", "\"attention_bias\": false")),
                whole("Gemma", llama("gemma", "\"rms_norm_eps\": 1e-5")),
                whole(
                        "GPT-2",
                        """
                        {"model_type": "gpt2", "vocab_size": 40, "n_embd": 8, "n_head": 2,
                         "n_layer": 2, "n_positions": 16}\
                        """),
                adapted("LoRA on a decoder, dropout", llama("llama", "\"mlp_bias\": true")),
                whole("T5", t5("relu", true)),
                adapted("LoRA on T5 1.1, dropout", t5("gated-gelu", false)));
    }

    private static String t5(String projection, boolean tied) {
        return """
        {"model_type": "t5", "vocab_size": 40, "d_model": 8, "d_kv": 3, "d_ff": 12,
         "num_layers": 2, "num_heads": 2, "relative_attention_num_buckets": 4,
         "relative_attention_max_distance": 5, "feed_forward_proj": "%s",
         "tie_word_embeddings": %s}\
        """
                .formatted(projection, tied);
    }

    private static String llama(String type, String more) {
        return "{\"model_type\": \"%s\", %s %s}".formatted(type, SIZES, more);
    }

    private static GraphCase whole(String name, String config) {
        return new GraphCase(
                name,
                manager -> {
                    var model = model(config, 0, manager);
                    model.train(true);
                    return new GraphCase.Graph(model.parameters(), step -> loss(model, step));
                });
    }

    private static GraphCase adapted(String name, String config) {
        return new GraphCase(
                name,
                manager -> {
                    var model = model(config, 0.1, manager);
                    var leaves = new LinkedHashMap<String, NDArray>();
                    for (var pair : AdapterSet.inject(model, LoraConfig.ofRank(2), 3).pairs()) {
                        GraphCases.nudge(pair.loraB());
                        leaves.put(pair.path() + ".lora_A", pair.loraA());
                        leaves.put(pair.path() + ".lora_B", pair.loraB());
                    }
                    return new GraphCase.Graph(leaves, step -> loss(model, step));
                });
    }

    private static Autoregressive model(String config, double dropout, NDManager manager) {
        try {
            var json = new ObjectMapper().readTree(config);
            var file = Path.of("config.json");
            var family = ModelFamilies.of(file, json);
            var model =
                    (Autoregressive)
                            family.build(
                                    new ModelFamily.Wanted(
                                            family.capabilities().get(0),
                                            new ConfigKeys(file, json),
                                            Set.of(),
                                            new LoadOptions(Precision.float32, dropout),
                                            manager));
            RandomWeights.into(model.slots(), 1, model.manager());
            return model;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static NDArray loss(Autoregressive model, NDManager step) {
        var places = step.create(new long[] {0, 1, 3, 5, 6});
        var wanted = step.create(new long[] {5, 2, 30, 9, 8});
        var batch = TokenBatch.of(BATCH, step);
        var hidden =
                model instanceof EncoderDecoder writer
                        ? writer.hidden(batch, batch, true)
                        : model.hidden(
                                batch.ids(), batch.mask(), Autoregressive.Passage.WHOLE, true);
        var logits = model.logits(EmbeddingTable.rows(hidden, places));
        return TokenLoss.each(logits, wanted).sum();
    }
}
