package org.lowrank.adapter;

import ai.djl.ndarray.NDArray;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Which arrays of the base are trained and saved whole: those of modules, or single ones ({@code
 * query.bias}; {@code bias} is every bias).
 */
public final class ModulesToSave {

    private ModulesToSave() {}

    /** The arrays that are called, or whose module or a module around it is, as {@code modules}. */
    public static Map<String, NDArray> select(AdaptableModel model, List<String> modules) {
        var selected = new LinkedHashMap<String, NDArray>();
        model.parameters()
                .forEach(
                        (name, array) -> {
                            if (modules.stream().anyMatch(m -> belongs(name, m))) {
                                selected.put(name, array);
                            }
                        });
        return selected;
    }

    /**
     * @throws IllegalArgumentException if a module is not in the model, or would be trained whole
     *     and by an adapter at once
     */
    static void check(AdaptableModel model, LoraConfig config) {
        for (var module : config.modulesToSave()) {
            model.untie(module);
            check(model, module);
        }
        for (var path : TargetModules.select(model.linears(), config)) {
            for (var module : config.modulesToSave()) {
                if (belongs(path + ".weight", module)) {
                    throw new IllegalArgumentException(
                            path + " is targeted by an adapter and in modulesToSave; choose one");
                }
            }
        }
    }

    /**
     * @throws IllegalArgumentException if a module is not in the model
     */
    static void check(AdaptableModel model, String module) {
        var selected = select(model, List.of(module));
        if (selected.isEmpty()) {
            throw new IllegalArgumentException(
                    "modulesToSave names '" + module + "', which has no array in the model");
        }
        selected.keySet().forEach(name -> requirePlain(model, name));
    }

    /**
     * @throws IllegalArgumentException if an array is a weight in few bits, which nothing is
     *     written to
     */
    public static void requirePlain(AdaptableModel model, String array) {
        var linear = model.linears().get(array.replaceFirst("\\.weight$", ""));
        if (array.endsWith(".weight") && linear != null && linear.weight().isFixed()) {
            throw new IllegalArgumentException(
                    array
                            + " is held in few bits and is not trained or replaced whole: open the"
                            + " model in precision float32, or give it an adapter (target_modules)");
        }
    }

    /** The full paths of the modules, or of single arrays, that a name stands for. */
    public static Set<String> paths(AdaptableModel model, String name) {
        return model.parameters().keySet().stream()
                .flatMap(ModulesToSave::ends)
                .filter(path -> TargetModules.isSuffix(path, name))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** The paths of all modules that have arrays, or have modules with arrays. */
    public static Set<String> modules(AdaptableModel model) {
        return model.parameters().keySet().stream()
                .flatMap(parameter -> ends(parameter).filter(path -> !path.equals(parameter)))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** True if an array belongs to a module of this name, and is not itself called so. */
    public static boolean isInside(String parameter, String name) {
        return ends(parameter)
                .anyMatch(p -> !p.equals(parameter) && TargetModules.isSuffix(p, name));
    }

    private static boolean belongs(String parameter, String name) {
        return ends(parameter).anyMatch(path -> TargetModules.isSuffix(path, name));
    }

    /** {@code a}, {@code a.b} and {@code a.b.c} of the last. */
    private static Stream<String> ends(String path) {
        return IntStream.rangeClosed(1, path.length())
                .filter(i -> i == path.length() || path.charAt(i) == '.')
                .mapToObj(i -> path.substring(0, i));
    }
}
