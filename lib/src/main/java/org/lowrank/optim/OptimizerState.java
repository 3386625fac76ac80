package org.lowrank.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.lowrank.adapter.PairStack;
import org.lowrank.engine.Arrays;

/**
 * The arrays that an optimizer keeps between steps, one set a stack, found by the paths of the
 * pairs. When the same pairs come in another order or grouping, the arrays follow them.
 */
final class OptimizerState implements AutoCloseable {

    /** The arrays of one stack, by name. */
    record Of(List<String> paths, Map<String, NDArray> arrays) {

        NDArray get(String name) {
            return arrays.get(name);
        }
    }

    private final Function<PairStack, List<StateArray>> layout;
    private NDManager manager;
    private List<Of> states = List.of();

    OptimizerState(Function<PairStack, List<StateArray>> layout) {
        this.layout = layout;
    }

    /** The state of each stack, in the order that {@link #arrange} was given. */
    Of of(int stack) {
        return states.get(stack);
    }

    List<Of> all() {
        return states;
    }

    long bytes() {
        return states.stream()
                .flatMap(state -> state.arrays().values().stream())
                .mapToLong(a -> a.size() * a.getDataType().getNumOfBytes())
                .sum();
    }

    /** Makes the state fit these stacks: zeros at first, later the kept arrays. */
    void arrange(List<PairStack> stacks) {
        var wanted = stacks.stream().map(PairStack::paths).toList();
        if (wanted.equals(states.stream().map(Of::paths).toList())) {
            return;
        }
        replace(stacks, states.isEmpty() ? null : slices(states, stacks));
    }

    /** Takes over slices (path, then name) that were read from a file. */
    void restore(List<PairStack> stacks, Map<String, Map<String, NDArray>> slices) {
        requireSamePairs(slices, stacks);
        replace(stacks, slices);
    }

    private void replace(List<PairStack> stacks, Map<String, Map<String, NDArray>> slices) {
        var owner = stacks.get(0).loraA().getManager().newSubManager();
        var fresh = new ArrayList<Of>();
        try {
            for (var stack : stacks) {
                var arrays = new LinkedHashMap<String, NDArray>();
                for (var array : layout.apply(stack)) {
                    arrays.put(array.name(), make(owner, array, stack.paths(), slices));
                }
                fresh.add(new Of(stack.paths(), arrays));
            }
        } catch (RuntimeException e) {
            owner.close();
            throw e;
        }
        close();
        manager = owner;
        states = fresh;
    }

    private static NDArray make(
            NDManager owner,
            StateArray array,
            List<String> paths,
            Map<String, Map<String, NDArray>> slices) {
        if (slices == null) {
            return Arrays.kept(owner, array.shape(), array.type());
        }
        try (var scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            var parts = new NDList();
            for (var path : paths) {
                var slice = slices.get(path).get(array.name());
                if (slice == null
                        || !slice.getShape().equals(array.shape().slice(1))
                        || slice.getDataType() != array.type()) {
                    throw new IllegalArgumentException(
                            "%s: the kept %s is %s, but this pair needs %s %s"
                                    .formatted(
                                            path,
                                            array.name(),
                                            slice == null
                                                    ? "absent"
                                                    : slice.getDataType() + " " + slice.getShape(),
                                            array.type(),
                                            array.shape().slice(1)));
                }
                parts.add(slice);
            }
            var stacked = NDArrays.stack(parts);
            stacked.attach(owner);
            NDScope.unregister(stacked);
            return stacked;
        }
    }

    private static Map<String, Map<String, NDArray>> slices(
            List<Of> states, List<PairStack> stacks) {
        var slices = new HashMap<String, Map<String, NDArray>>();
        for (var state : states) {
            for (int i = 0; i < state.paths().size(); i++) {
                var arrays = new HashMap<String, NDArray>();
                for (var entry : state.arrays().entrySet()) {
                    arrays.put(entry.getKey(), entry.getValue().get(i));
                }
                slices.put(state.paths().get(i), arrays);
            }
        }
        requireSamePairs(slices, stacks);
        return slices;
    }

    private static void requireSamePairs(
            Map<String, Map<String, NDArray>> slices, List<PairStack> stacks) {
        var wanted = stacks.stream().flatMap(stack -> stack.paths().stream()).toList();
        for (var path : wanted) {
            if (!slices.containsKey(path)) {
                throw new IllegalArgumentException(
                        "the optimizer has no state of the pair %s; it was made for %s"
                                .formatted(path, slices.keySet().stream().sorted().toList()));
            }
        }
        if (wanted.size() != slices.size()) {
            var missing = new ArrayList<>(slices.keySet());
            missing.removeAll(wanted);
            throw new IllegalArgumentException(
                    "the optimizer has state of pairs that are not in this step: " + missing);
        }
    }

    @Override
    public void close() {
        if (manager != null) {
            manager.close();
        }
        manager = null;
        states = List.of();
    }
}
