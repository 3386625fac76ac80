package org.lowrank.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.UniformInitializer;
import ai.djl.util.PairList;
import org.lowrank.adapter.GraphConstants;

/** y = x W0ᵀ + s (x Aᵀ) Bᵀ + b as a plain DJL block: W0 frozen, A, B and the bias are trained. */
final class LoraLinearBlock extends AbstractBlock {

    static final double SCALING = 2;

    private final long out;
    private final Parameter weight;
    private final Parameter loraA;
    private final Parameter loraB;
    private final Parameter bias;
    private NDArray scaling;

    LoraLinearBlock(long in, long out, long rank) {
        this.out = out;
        weight = parameter("weight", Parameter.Type.WEIGHT, new Shape(out, in));
        loraA = parameter("lora_A", Parameter.Type.OTHER, new Shape(rank, in));
        loraB = parameter("lora_B", Parameter.Type.OTHER, new Shape(out, rank));
        bias = parameter("bias", Parameter.Type.BIAS, new Shape(out));
        loraA.setInitializer(new UniformInitializer(0.5f));
        loraB.setInitializer(Initializer.ZEROS);
        weight.freeze(true);
    }

    private Parameter parameter(String name, Parameter.Type type, Shape shape) {
        return addParameter(
                Parameter.builder().setName(name).setType(type).optShape(shape).build());
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store, NDList inputs, boolean training, PairList<String, Object> ps) {
        var x = inputs.singletonOrThrow();
        var device = x.getDevice();
        var a = store.getValue(loraA, device, training);
        var b = store.getValue(loraB, device, training);
        if (scaling == null) {
            scaling = GraphConstants.scalar(a.getManager(), SCALING, DataType.FLOAT32);
        }
        var base = x.matMul(store.getValue(weight, device, training).transpose());
        var low = x.matMul(a.transpose()).matMul(b.transpose());
        return new NDList(base.add(low.mul(scaling)).add(store.getValue(bias, device, training)));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
        return new Shape[] {new Shape(inputs[0].get(0), out)};
    }
}
