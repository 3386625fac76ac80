package org.lowrank.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import org.lowrank.adapter.AdaptableLinear;

/**
 * The head of masked-language pre-training: logits = norm(gelu(x Wᵀ + b)) Eᵀ + c, with E the word
 * embeddings of the encoder (Devlin et al., arXiv 1810.04805, section 3.1).
 */
public final class MaskedLanguageHead extends ModuleBlock {

    private final AdaptableLinear dense;
    private final NormLayer norm;
    private final EmbeddingTable words;
    private final OutputBias bias;

    MaskedLanguageHead(BertConfig config, EmbeddingTable words) {
        this.words = words;
        int hidden = config.hidden();
        dense = part("cls.predictions.transform.dense", new AdaptableLinear(hidden, hidden, true));
        norm =
                part(
                        "cls.predictions.transform.LayerNorm",
                        new NormLayer(hidden, BertConfig.LAYER_NORM_EPSILON));
        bias = part("cls.predictions", new OutputBias(config.vocabulary()));
    }

    /** Hidden states (rows, hidden) to logits over the vocabulary (rows, vocabulary). */
    public NDArray forward(NDArray hidden, boolean training) {
        var turned = norm.forward(Activation.gelu(dense.forward(hidden, training)));
        return Linear.linear(turned, words.weight().getArray(), bias.vector.getArray())
                .singletonOrThrow();
    }

    @Override
    NDArray forward(NDList inputs, boolean training) {
        return forward(inputs.singletonOrThrow(), training);
    }

    /** One number a word. */
    private static final class OutputBias extends AbstractBlock implements SizedLeaf {

        private final long vocabulary;
        private final Parameter vector;

        OutputBias(long vocabulary) {
            this.vocabulary = vocabulary;
            var builder = Parameter.builder().setName("bias").setType(Parameter.Type.BIAS);
            vector = addParameter(builder.optRequiresGrad(false).build());
        }

        @Override
        public Shape shape() {
            return new Shape(vocabulary);
        }

        @Override
        protected NDList forwardInternal(
                ParameterStore parameterStore,
                NDList inputs,
                boolean training,
                PairList<String, Object> params) {
            return new NDList(inputs.singletonOrThrow().add(vector.getArray()));
        }

        @Override
        public Shape[] getOutputShapes(Shape[] inputShapes) {
            return inputShapes;
        }
    }
}
