package org.lowrank.weights;

import java.util.regex.Pattern;

/** The names of BERT's variables in TensorFlow and in PyTorch. */
final class BertVariableNames {

    private static final Pattern LAYER = Pattern.compile("layer_(\\d+)");
    private static final Pattern TABLE = Pattern.compile("embeddings\\.\\w+_embeddings");

    private BertVariableNames() {}

    /**
     * For example {@code module/bert/encoder/layer_0/output/dense/kernel} to {@code
     * encoder.layer.0.output.dense.weight}. A name of another kind comes back with dots for
     * slashes.
     */
    static String inPyTorch(String variable) {
        var name = variable.replaceFirst("^module/", "").replaceFirst("^bert/", "");
        name = LAYER.matcher(name).replaceAll("layer.$1").replace('/', '.');
        name = name.replaceFirst("^cls\\.predictions\\.output_bias$", "cls.predictions.bias");
        name = name.replaceFirst("\\.(kernel|gamma)$", ".weight").replaceFirst("\\.beta$", ".bias");
        return TABLE.matcher(name).matches() ? name + ".weight" : name;
    }

    /** True for the weight of a linear map, which TensorFlow keeps as (in, out). */
    static boolean isKernel(String variable) {
        return variable.endsWith("/kernel");
    }
}
