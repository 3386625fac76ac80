package org.lowrank.adapter;

import ai.djl.ndarray.NDArray;
import java.util.Map;

/**
 * A model whose linear maps can carry adapters. Names are module paths as PEFT would print them.
 */
public interface AdaptableModel {

    /**
     * The linear maps by module path, for example {@code encoder.layer.0.attention.self.query}, in
     * the order of the forward pass.
     */
    Map<String, AdaptableLinear> linears();

    /**
     * What stands before the module paths in the whole model of Hugging Face, where heads stand
     * beside it: {@code bert} in a {@code BertForSequenceClassification}; empty if nothing does.
     */
    default String root() {
        return "";
    }

    /** The path here of a module that a file calls so; older libraries had other names for some. */
    default String currentPath(String pathInFile) {
        return pathInFile;
    }

    /**
     * All arrays of the model by name (adapters apart), for example {@code
     * encoder.layer.0.attention.self.query.weight} or {@code classifier.bias}; the arrays
     * themselves, not copies.
     */
    Map<String, NDArray> parameters();

    /** How many numbers the model has, in however few bits they are held. */
    default long parameterCount() {
        long arrays = parameters().values().stream().mapToLong(NDArray::size).sum();
        return linears().values().stream()
                .map(AdaptableLinear::weight)
                .mapToLong(weight -> weight.size() - weight.stored().size())
                .reduce(arrays, Long::sum);
    }

    /**
     * Told before a module is trained or replaced whole: where it is tied to another (a head that
     * is the table of the embeddings), the two become arrays of their own, equal at first.
     * Elsewhere it does nothing.
     *
     * @param name of the module or its array, or their last parts
     */
    default void untie(String name) {}
}
