package org.lowrank.model.head;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Linear;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.model.block.EmbeddingTable;
import org.lowrank.model.block.ModuleBlock;
import org.lowrank.model.block.NormLayer;
import org.lowrank.model.block.Slot;

/**
 * The head of masked-language pre-training: logits = norm(gelu(x Wᵀ + b)) Eᵀ + c, with E the word
 * embeddings of the encoder (Devlin et al., arXiv 1810.04805, section 3.1).
 */
public final class MaskedLanguageHead extends ModuleBlock {

    private final AdaptableLinear dense;
    private final NormLayer norm;
    private final EmbeddingTable words;
    private final Slot bias;

    /**
     * @param width of a token's vector
     * @param words the encoder's table (vocabulary, width)
     */
    public MaskedLanguageHead(
            int width, int vocabulary, NormLayer.Form normal, EmbeddingTable words) {
        this.words = words;
        dense = linear("cls.predictions.transform.dense", width, width, true);
        norm = part("cls.predictions.transform.LayerNorm", new NormLayer(width, normal));
        bias = array("cls.predictions.bias", new Shape(vocabulary), 0);
    }

    /** Hidden states (rows, width) to logits over the vocabulary (rows, vocabulary). */
    public NDArray forward(NDArray hidden, boolean training) {
        var turned = norm.forward(Activation.gelu(dense.forward(hidden, training)));
        return Linear.linear(turned, words.weight(), bias.array()).singletonOrThrow();
    }
}
