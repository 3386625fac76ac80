package org.lowrank.experiment.memory;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The widths of a transformer, from its {@code config.json} alone: what memory follows from.
 *
 * @param decoder whether it predicts the next token, by a head over the vocabulary
 * @param width of a token's vector
 * @param queries heads · width of a head
 * @param keys the same of keys and values
 * @param inner width of the feed-forward map
 * @param maps the linear maps of its layers
 * @param programmed whether its layers are of the kind that {@link
 *     org.lowrank.model.block.WholeLayer} takes
 * @param others weights that are in none of these maps: embeddings, norms, biases, head
 */
record ModelSize(
        boolean decoder,
        int layers,
        int width,
        int heads,
        int queries,
        int keys,
        int inner,
        boolean gated,
        long vocabulary,
        List<LinearMap> maps,
        boolean programmed,
        long others) {

    /** A weight (out, in) by its module path. */
    record LinearMap(String path, long out, long in) {
        long size() {
            return out * in;
        }
    }

    /** Empty for a family whose configuration has other keys. */
    static Optional<ModelSize> of(JsonNode config) {
        var keys = List.of("hidden_size", "num_hidden_layers", "num_attention_heads");
        boolean known = keys.stream().allMatch(key -> config.path(key).isIntegralNumber());
        if (!known || !config.path("intermediate_size").isIntegralNumber()) {
            return Optional.empty();
        }
        var type = config.path("model_type").asText();
        boolean encoder = type.contains("bert");
        return encoder || config.has("rms_norm_eps")
                ? Optional.of(encoder ? encoder(config) : decoder(config))
                : Optional.empty();
    }

    private static ModelSize decoder(JsonNode config) {
        int width = config.path("hidden_size").asInt();
        int heads = config.path("num_attention_heads").asInt();
        int layers = config.path("num_hidden_layers").asInt();
        int inner = config.path("intermediate_size").asInt();
        int ofHead = config.path("head_dim").asInt(width / heads);
        int keys = config.path("num_key_value_heads").asInt(heads) * ofHead;
        int queries = heads * ofHead;
        long words = config.path("vocab_size").asLong();
        var maps = new ArrayList<LinearMap>();
        for (int i = 0; i < layers; i++) {
            var at = "model.layers." + i + ".";
            maps.add(new LinearMap(at + "self_attn.q_proj", queries, width));
            maps.add(new LinearMap(at + "self_attn.k_proj", keys, width));
            maps.add(new LinearMap(at + "self_attn.v_proj", keys, width));
            maps.add(new LinearMap(at + "self_attn.o_proj", width, queries));
            maps.add(new LinearMap(at + "mlp.gate_proj", inner, width));
            maps.add(new LinearMap(at + "mlp.up_proj", inner, width));
            maps.add(new LinearMap(at + "mlp.down_proj", width, inner));
        }
        long tables = config.path("tie_word_embeddings").asBoolean() ? 1 : 2;
        long others = tables * words * width + (2L * layers + 1) * width;
        var type = config.path("model_type").asText();
        boolean plain = !type.startsWith("gemma") && !type.startsWith("qwen3");
        return new ModelSize(
                true, layers, width, heads, queries, keys, inner, true, words, maps, plain, others);
    }

    private static ModelSize encoder(JsonNode config) {
        int width = config.path("hidden_size").asInt();
        int heads = config.path("num_attention_heads").asInt();
        int layers = config.path("num_hidden_layers").asInt();
        int inner = config.path("intermediate_size").asInt();
        long words = config.path("vocab_size").asLong();
        var maps = new ArrayList<LinearMap>();
        for (int i = 0; i < layers; i++) {
            var at = "encoder.layer." + i + ".";
            maps.add(new LinearMap(at + "attention.self.query", width, width));
            maps.add(new LinearMap(at + "attention.self.key", width, width));
            maps.add(new LinearMap(at + "attention.self.value", width, width));
            maps.add(new LinearMap(at + "attention.output.dense", width, width));
            maps.add(new LinearMap(at + "intermediate.dense", inner, width));
            maps.add(new LinearMap(at + "output.dense", width, inner));
        }
        long tables = words + config.path("max_position_embeddings").asLong(512) + 4;
        long others = (tables + width + 1) * width + layers * (9L * width + inner);
        return new ModelSize(
                false, layers, width, heads, width, width, inner, false, words, maps, true, others);
    }

    long mapWeights() {
        return maps.stream().mapToLong(LinearMap::size).sum();
    }

    /** Numbers of the largest weight that a product is made with: a map, or a decoder's head. */
    long largest() {
        long map = maps.stream().mapToLong(LinearMap::size).max().orElse(0);
        return decoder ? Math.max(map, vocabulary * width) : map;
    }

    /** The end of a path, by which the maps of all layers are one. */
    private boolean adapted(List<String> paths, String end) {
        return paths.stream().anyMatch(path -> path.endsWith(end));
    }

    /**
     * Numbers that one layer keeps of a token until its backward pass where it is one program
     * ({@link org.lowrank.model.block.WholeLayer}), whatever is adapted: what each of its parts was
     * given.
     */
    double keptByProgram(double ranks, int length) {
        double inAttention = 2.0 * queries + 2.0 * keys + (double) heads * length;
        return 4.0 * width + inAttention + (gated ? 3.0 : 2.0) * inner + ranks;
    }

    /** As {@link #passing}, in that program: gradients of one of its two parts at a time. */
    double passingInProgram(int length) {
        return Math.max(3.0 * inner + 3.0 * width, 2.0 * heads * length + 6.0 * width);
    }

    /**
     * Numbers that one layer keeps of a token until its backward pass by autograd. An adapter keeps
     * the input of its map and r numbers; attention keeps its queries, keys, values and weights;
     * the feed-forward part what its function and its product read.
     *
     * @param adapted paths of the maps that carry an adapter, or are trained
     * @param ranks the sum of the ranks over the adapters of one layer
     * @param length tokens of a text
     */
    double kept(List<String> adapted, double ranks, int length) {
        double kept = queries + 2.0 * keys + (double) heads * length + ranks;
        if (decoder) {
            boolean reads = adapted(adapted, ".q_proj") || adapted(adapted, ".k_proj");
            boolean first = reads || adapted(adapted, ".v_proj");
            kept += 2.0 * width; // both norms keep what they were given
            kept += first ? width : 0;
            kept += adapted(adapted, ".o_proj") ? queries : 0;
            kept += adapted(adapted, ".gate_proj") || adapted(adapted, ".up_proj") ? width : 0;
            return kept + 3.0 * inner + (adapted(adapted, ".down_proj") ? inner : 0);
        }
        boolean first =
                adapted(adapted, ".query")
                        || adapted(adapted, ".key")
                        || adapted(adapted, ".value");
        kept += 2.0 * width; // both norms keep the sums that they were given
        kept += first ? width : 0;
        kept += adapted(adapted, "attention.output.dense") ? queries : 0;
        kept += adapted(adapted, "intermediate.dense") ? width : 0;
        return kept + inner + (adapted(adapted, "." + "output.dense") ? inner : 0);
    }

    /**
     * Numbers of a token that come and go within the backward pass of one layer, beside what is
     * kept: gradients of the attention weights and of the feed-forward part.
     */
    double passing(int length) {
        return 4.0 * heads * length + 2.0 * inner + 2.0 * width;
    }

    /**
     * Gradients of a token that the backward pass of one layer holds at the cuts of its graph,
     * where the base is in few bits: what its maps read and give.
     */
    double atCuts() {
        double given = maps.stream().mapToDouble(LinearMap::out).sum() / layers;
        return given + queries + inner + 4.0 * width;
    }
}
