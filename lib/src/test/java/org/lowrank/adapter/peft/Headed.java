package org.lowrank.adapter.peft;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.AdaptableModel;
import org.lowrank.adapter.TinyMlp;

/**
 * A body with what a sentence classifier has beside its linear maps: a norm inside the encoder, and
 * a head beside it.
 */
record Headed(TinyMlp body, Map<String, NDArray> others) implements AdaptableModel {

    /**
     * @param value of every entry of norm and head, to tell two models apart
     */
    static Headed on(TinyMlp body, NDManager manager, float value) {
        var others = new LinkedHashMap<String, NDArray>();
        others.put("block.0.norm.weight", manager.full(new Shape(5), value));
        others.put("classifier.weight", manager.full(new Shape(2, 5), value));
        others.put("classifier.bias", manager.full(new Shape(2), value));
        return new Headed(body, others);
    }

    @Override
    public Map<String, AdaptableLinear> linears() {
        return body.linears();
    }

    @Override
    public Map<String, NDArray> parameters() {
        var all = new LinkedHashMap<>(body.parameters());
        all.putAll(others);
        return all;
    }
}
