package org.lowrank.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.lowrank.weights.WeightFileException;
import org.lowrank.weights.WeightSource;
import org.lowrank.weights.WeightTensor;

/** Puts the tensors of a {@link WeightSource} into the parameters of a network. */
final class WeightLoader {

    private static final int NAMES_SHOWN = 3;

    /**
     * Where a tensor goes: the shape that the architecture gives it, the array that is there, and
     * what takes one.
     */
    record Slot(Shape shape, Supplier<NDArray> array, Consumer<NDArray> fill) {}

    private WeightLoader() {}

    /**
     * Fills every slot exactly once.
     *
     * @param ignored beginnings of names that the file may hold although the network has no place
     *     for them
     * @throws WeightFileException if a tensor is missing, doubled, not expected, of another shape,
     *     or not finite
     */
    static void load(
            WeightSource source, Map<String, Slot> slots, List<String> ignored, NDManager owner)
            throws IOException {
        var open = new LinkedHashMap<>(slots);
        source.forEach(
                tensor -> {
                    var slot = open.remove(tensor.name());
                    if (slot != null) {
                        check(source, tensor, slot.shape());
                        slot.fill().accept(nativeCopy(tensor, owner));
                    } else if (ignored.stream().noneMatch(tensor.name()::startsWith)) {
                        throw unexpected(source, tensor, slots.containsKey(tensor.name()));
                    }
                });
        if (!open.isEmpty()) {
            throw new WeightFileException(
                    source.file()
                            + " lacks "
                            + open.size()
                            + " of the "
                            + slots.size()
                            + " tensors of the model, among them "
                            + open.keySet().stream().limit(NAMES_SHOWN).toList()
                            + "; it holds another model, or another architecture was asked for");
        }
    }

    private static WeightFileException unexpected(
            WeightSource source, WeightTensor tensor, boolean twice) {
        return new WeightFileException(
                source.file()
                        + ": tensor "
                        + tensor.name()
                        + " "
                        + tensor.shape()
                        + (twice
                                ? " occurs twice"
                                : " has no place in the model; it holds another model, or another"
                                        + " architecture was asked for"));
    }

    private static void check(WeightSource source, WeightTensor tensor, Shape expected)
            throws WeightFileException {
        if (!tensor.shape().equals(expected)) {
            throw new WeightFileException(
                    source.file()
                            + ": tensor "
                            + tensor.name()
                            + " should have shape "
                            + expected
                            + " but has "
                            + tensor.shape());
        }
        for (float value : tensor.values()) {
            if (!Float.isFinite(value)) {
                throw new WeightFileException(
                        source.file()
                                + ": tensor "
                                + tensor.name()
                                + " should hold finite numbers but holds "
                                + value);
            }
        }
    }

    /** An array whose storage is the engine's own, not a Java buffer. */
    static NDArray nativeCopy(WeightTensor tensor, NDManager owner) {
        try (var overJavaBuffer = owner.create(tensor.values(), tensor.shape())) {
            return overJavaBuffer.duplicate();
        }
    }
}
