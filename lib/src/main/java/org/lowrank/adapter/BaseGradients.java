package org.lowrank.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.LinkedHashMap;
import java.util.Map;
import org.lowrank.engine.Tape;

/**
 * The gradient of a loss in the weights of every linear map within a base model, (out, in) by
 * module path, as the mean over a few batches. LoRA-GA and LoRA-One start from it.
 */
public final class BaseGradients implements AutoCloseable {

    /** The mean loss of one batch. */
    @FunctionalInterface
    public interface BatchLoss {

        /**
         * @param step owns every array of the pass
         * @param batch from 0
         * @return a scalar, recorded for differentiation
         */
        NDArray of(NDManager step, int batch);
    }

    private final NDManager manager;
    private final Map<String, NDArray> byPath;

    private BaseGradients(NDManager manager, Map<String, NDArray> byPath) {
        this.manager = manager;
        this.byPath = byPath;
    }

    /**
     * @param model the base; it carries no adapter and is as it was when this returns
     * @param batches how many batches are averaged
     */
    public static BaseGradients estimate(AdaptableModel model, int batches, BatchLoss loss) {
        if (batches < 1) {
            throw new IllegalArgumentException("batches must be at least 1, not " + batches);
        }
        var linears = new LinkedHashMap<>(model.linears());
        linears.values().removeIf(BaseGradients::isOfVocabulary);
        var manager = linears.values().iterator().next().manager().newSubManager();
        var gradients = new LinkedHashMap<String, NDArray>();
        try {
            linears.forEach((path, layer) -> gradients.put(path, layer.observeWeight()));
            for (int i = 0; i < batches; i++) {
                // The collector closes first: arrays of the pass must outlive the backward pass.
                try (var step = manager.newSubManager();
                        var tape = Tape.recording()) {
                    tape.backward(loss.of(step, i));
                }
            }
            gradients.replaceAll((path, leaf) -> mean(leaf, batches, manager));
            return new BaseGradients(manager, gradients);
        } catch (RuntimeException | Error e) {
            manager.close();
            throw e;
        } finally {
            linears.values().forEach(layer -> layer.endObservation());
        }
    }

    /** Its gradient is as large as its weight, which outweighs all others. */
    private static boolean isOfVocabulary(AdaptableLinear layer) {
        return layer.role() == AdaptableLinear.Role.TABLE
                || layer.role() == AdaptableLinear.Role.HEAD;
    }

    private static NDArray mean(NDArray leaf, int batches, NDManager owner) {
        var gradient = leaf.getGradient();
        gradient.attach(owner);
        return gradient.divi(batches);
    }

    /**
     * The gradient of one weight.
     *
     * @throws IllegalArgumentException if none was estimated, or it is zero or not finite, which a
     *     start cannot be made of
     */
    public NDArray at(String path) {
        var gradient = byPath.get(path);
        if (gradient == null) {
            throw new IllegalArgumentException(
                    path + ": no gradient was estimated for this module");
        }
        float largest = gradient.abs().max().getFloat();
        if (!(largest > 0) || Float.isInfinite(largest)) {
            throw new IllegalArgumentException(
                    path + ": the largest entry of the estimated gradient is " + largest);
        }
        return gradient;
    }

    @Override
    public void close() {
        manager.close();
    }
}
