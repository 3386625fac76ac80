package org.lowrank.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.LinkedHashMap;
import java.util.Map;

/** A model of one linear map, {@code layer}, with given arrays of any type. */
final class OneLinear implements AdaptableModel {

    private final AdaptableLinear layer;

    /**
     * @param bias or null
     */
    OneLinear(NDManager manager, NDArray weight, NDArray bias) {
        layer =
                new AdaptableLinear(
                        weight.getShape().get(1), weight.getShape().get(0), bias != null);
        layer.hold(new PlainWeight(owned(weight, manager)));
        if (bias != null) {
            layer.bias().setArray(owned(bias, manager));
        }
    }

    private static NDArray owned(NDArray array, NDManager manager) {
        var copy = array.duplicate();
        copy.attach(manager);
        return copy;
    }

    AdaptableLinear layer() {
        return layer;
    }

    @Override
    public Map<String, AdaptableLinear> linears() {
        return Map.of("layer", layer);
    }

    @Override
    public Map<String, NDArray> parameters() {
        var all = new LinkedHashMap<String, NDArray>();
        all.put("layer.weight", layer.weight().stored());
        if (layer.bias() != null) {
            all.put("layer.bias", layer.bias().getArray());
        }
        return all;
    }
}
