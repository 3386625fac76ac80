package org.lowrank.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.LinkedHashMap;
import java.util.Map;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.PlainWeight;

/**
 * A block made of named parts. The names are those of the PyTorch modules, so that the path of a
 * part, for example {@code encoder.layer.0.attention.self.query}, is the one that adapters and
 * weight files use.
 */
abstract class ModuleBlock extends AbstractBlock {

    private final Map<String, AbstractBlock> parts = new LinkedHashMap<>();

    /** Adds a part under its path within this block. */
    final <B extends AbstractBlock> B part(String path, B block) {
        parts.put(path, block);
        return addChildBlock(path, block);
    }

    /** The linear maps by module path, in the order of the forward pass. */
    final Map<String, AdaptableLinear> linearsByPath() {
        var linears = new LinkedHashMap<String, AdaptableLinear>();
        parts.forEach(
                (path, part) -> {
                    if (part instanceof AdaptableLinear linear) {
                        linears.put(path, linear);
                    } else if (part instanceof ModuleBlock block) {
                        block.linearsByPath().forEach((sub, l) -> linears.put(path + "." + sub, l));
                    }
                });
        return linears;
    }

    /** Every parameter by its name in PyTorch, with the shape that it must have. */
    final Map<String, WeightLoader.Slot> slots() {
        var slots = new LinkedHashMap<String, WeightLoader.Slot>();
        parts.forEach(
                (path, part) -> {
                    if (part instanceof ModuleBlock block) {
                        block.slots().forEach((sub, slot) -> slots.put(path + "." + sub, slot));
                    } else if (part instanceof AdaptableLinear linear) {
                        slots.put(path + ".weight", weightOf(linear));
                        if (linear.bias() != null) {
                            var shape = new Shape(linear.out());
                            slots.put(path + ".bias", slot(linear.bias(), shape));
                        }
                    } else {
                        for (var parameter : part.getDirectParameters().values()) {
                            var slot = slot(parameter, ((SizedLeaf) part).shape());
                            slots.put(path + "." + parameter.getName(), slot);
                        }
                    }
                });
        return slots;
    }

    private static WeightLoader.Slot weightOf(AdaptableLinear linear) {
        return new WeightLoader.Slot(
                new Shape(linear.out(), linear.in()),
                () -> linear.weight().stored(),
                array -> linear.hold(new PlainWeight(array)));
    }

    private static WeightLoader.Slot slot(Parameter parameter, Shape shape) {
        return new WeightLoader.Slot(shape, parameter::getArray, parameter::setArray);
    }

    /** Makes every array a leaf of the graph, or none. */
    final void trainAll(boolean all) {
        slots().values().forEach(slot -> slot.array().get().setRequiresGradient(all));
    }

    /** The arrays of all parameters by name; the arrays themselves. */
    final Map<String, NDArray> arraysByName() {
        var arrays = new LinkedHashMap<String, NDArray>();
        slots().forEach((name, slot) -> arrays.put(name, slot.array().get()));
        return arrays;
    }

    /** What {@code forward} of DJL calls; blocks of several inputs take them in their order. */
    abstract NDArray forward(NDList inputs, boolean training);

    @Override
    protected final NDList forwardInternal(
            ParameterStore parameterStore,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        return new NDList(forward(inputs, training));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {inputShapes[0]};
    }
}
