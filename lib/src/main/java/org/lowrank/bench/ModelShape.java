package org.lowrank.bench;

import java.util.List;
import java.util.Set;

/**
 * The linear maps of a transformer's blocks: enough to count what an optimizer of adapters needs,
 * without the weights.
 *
 * @param name the model
 * @param layers the number of blocks
 * @param maps the maps of one block
 * @param otherParameters what is not a weight of these maps: embeddings, norms, biases, pooler,
 *     head
 */
public record ModelShape(String name, int layers, List<Weight> maps, long otherParameters) {

    /** A weight W (out, in); m is out, n is in. */
    public record Weight(String name, int out, int in) {}

    private static final Set<String> ATTENTION = Set.of("q", "k", "v", "o");

    /** Llama-2-7B: every head has keys and values of its own. */
    public static final ModelShape LLAMA_2_7B = llama("Llama-2-7B", 32_000, 4096, 11_008);

    /** Llama-3.1-8B: four query heads share keys and values. */
    public static final ModelShape LLAMA_31_8B = llama("Llama-3.1-8B", 128_256, 1024, 14_336);

    public static final ModelShape MINILM_L6 = bert("MiniLM-L6", 6, 384);

    public static final ModelShape BERT_BASE = bert("BERT-base", 12, 768);

    public ModelShape {
        maps = List.copyOf(maps);
    }

    private static ModelShape llama(String name, long words, int keys, int inner) {
        int width = 4096;
        int layers = 32;
        return new ModelShape(
                name,
                layers,
                List.of(
                        new Weight("q", width, width),
                        new Weight("k", keys, width),
                        new Weight("v", keys, width),
                        new Weight("o", width, width),
                        new Weight("gate", inner, width),
                        new Weight("up", inner, width),
                        new Weight("down", width, inner)),
                2 * words * width + (2L * layers + 1) * width);
    }

    private static ModelShape bert(String name, int layers, int width) {
        int inner = 4 * width;
        long embeddings = (30_522L + 512 + 2 + 2) * width;
        long biasesAndNorms = layers * (9L * width + inner);
        long pooler = (width + 1L) * width;
        return new ModelShape(
                name,
                layers,
                List.of(
                        new Weight("q", width, width),
                        new Weight("k", width, width),
                        new Weight("v", width, width),
                        new Weight("o", width, width),
                        new Weight("up", inner, width),
                        new Weight("down", width, inner)),
                embeddings + biasesAndNorms + pooler);
    }

    /** With adapters on the four maps of attention only, as AltLoRA's experiments have them. */
    public ModelShape attentionOnly() {
        var kept = maps.stream().filter(w -> ATTENTION.contains(w.name())).toList();
        return new ModelShape(name, layers, kept, parameters() - weights(kept));
    }

    /** One block alone; all of them take so many times as long. */
    public ModelShape oneLayer() {
        return new ModelShape(name + ", one layer", 1, maps, 0);
    }

    public long parameters() {
        return weights(maps) + otherParameters;
    }

    /** Trained numbers with adapters of this rank on every map. */
    public long adapterParameters(int rank) {
        return layers * maps.stream().mapToLong(w -> (long) rank * (w.out() + w.in())).sum();
    }

    /** Weights of the maps, m n summed over all blocks. */
    public long mapParameters() {
        return weights(maps);
    }

    private long weights(List<Weight> counted) {
        return layers * counted.stream().mapToLong(w -> (long) w.out() * w.in()).sum();
    }
}
