package org.lowrank.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

/**
 * Layer normalisation over the last axis (Ba et al., arXiv 1607.06450): (x − mean) / sqrt(variance
 * + epsilon) · weight + bias.
 */
final class NormLayer extends AbstractBlock implements SizedLeaf {

    private final long width;
    private final float epsilon;
    private final Parameter weight;
    private final Parameter bias;

    NormLayer(long width, double epsilon) {
        this.width = width;
        this.epsilon = (float) epsilon;
        weight = addParameter(frozen("weight", Parameter.Type.GAMMA));
        bias = addParameter(frozen("bias", Parameter.Type.BETA));
    }

    private static Parameter frozen(String name, Parameter.Type type) {
        return Parameter.builder().setName(name).setType(type).optRequiresGrad(false).build();
    }

    @Override
    public Shape shape() {
        return new Shape(width);
    }

    /** (..., width) to the same shape. */
    NDArray forward(NDArray x) {
        return LayerNorm.layerNorm(x, new Shape(width), weight.getArray(), bias.getArray(), epsilon)
                .singletonOrThrow();
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        return new NDList(forward(inputs.singletonOrThrow()));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {inputShapes[0]};
    }
}
