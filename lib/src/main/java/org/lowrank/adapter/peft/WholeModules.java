package org.lowrank.adapter.peft;

import ai.djl.ndarray.NDArray;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.ModulesToSave;

/**
 * What of the base goes into a file, as PEFT would have it. PEFT takes every module whose path ends
 * with a listed name, in the middle of a part too: {@code norm} is {@code input_layernorm} as well.
 * Biases that are trained alone are no modules there; its {@code bias} says which there are.
 */
final class WholeModules {

    private static final String BIAS = ".bias";

    private final AdapterSet set;
    private final PeftOptions options;
    private final Map<String, NDArray> arrays;
    private final Set<String> listed = new LinkedHashSet<>();
    private final Set<String> biases = new TreeSet<>();

    /**
     * @throws IllegalArgumentException if the model has no such module, or a single array that is
     *     no bias is asked for
     */
    WholeModules(AdapterSet set, PeftOptions options, List<String> names) {
        this.set = set;
        this.options = options;
        arrays = set.modulesToSave(names);
        var modules = ModulesToSave.modules(set.model());
        for (var name : names) {
            var selected = new LinkedHashSet<>(ModulesToSave.paths(set.model(), name));
            biases.addAll(selected);
            biases.retainAll(set.model().parameters().keySet());
            selected.removeAll(biases);
            var ended =
                    modules.stream().map(options::inFile).filter(m -> m.endsWith(name)).toList();
            var wanted = selected.stream().map(options::inFile).collect(Collectors.toList());
            if (!wanted.isEmpty()) {
                listed.addAll(
                        Set.copyOf(ended).equals(Set.copyOf(wanted)) ? List.of(name) : wanted);
            }
        }
        // "classifier" ends "pre_classifier", however it is listed: PEFT expects that one too
        var taken = modules.stream().filter(m -> takes(options.inFile(m))).toList();
        arrays.putAll(ModulesToSave.select(set.model(), taken));
        biases.removeIf(array -> names.stream().anyMatch(n -> ModulesToSave.isInside(array, n)));
        for (var array : biases) {
            if (!array.endsWith(BIAS)) {
                throw new IllegalArgumentException(
                        "PEFT saves modules whole, and biases; '"
                                + array
                                + "' is a single array: name its module in modulesToSave");
            }
        }
    }

    private boolean takes(String module) {
        return listed.stream().anyMatch(module::endsWith);
    }

    /** The names for {@code modules_to_save}, or null. */
    Set<String> listed() {
        return listed.isEmpty() ? null : listed;
    }

    /** The word for {@code bias}. */
    String bias() {
        if (biases.isEmpty()) {
            return "none";
        }
        return biases.stream().allMatch(this::isOfPair) ? "lora_only" : "all";
    }

    private boolean isOfPair(String bias) {
        return set.adapters().containsKey(bias.substring(0, bias.length() - BIAS.length()));
    }

    Map<String, NDArray> arrays() {
        var named = new LinkedHashMap<String, NDArray>();
        arrays.forEach(
                (name, array) -> {
                    var inFile = PeftKey.PREFIX + options.inFile(name);
                    boolean wrapped = biases.contains(name) && isOfPair(name);
                    named.put(
                            wrapped ? inFile.replaceFirst("\\.bias$", PeftKey.BASE_BIAS) : inFile,
                            array);
                });
        return named;
    }
}
