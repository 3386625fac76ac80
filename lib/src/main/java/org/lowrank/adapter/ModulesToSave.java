package org.lowrank.adapter;

import ai.djl.ndarray.NDArray;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which arrays of the base belong to the modules that are trained and saved whole. */
public final class ModulesToSave {

    private ModulesToSave() {}

    /** The arrays whose module, or a module around it, is one of {@code modules}. */
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
        for (var path : TargetModules.select(model.linears().keySet(), config.targetModules())) {
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
        if (select(model, List.of(module)).isEmpty()) {
            throw new IllegalArgumentException(
                    "modulesToSave names '" + module + "', which has no array in the model");
        }
    }

    private static boolean belongs(String parameter, String module) {
        for (int dot = parameter.indexOf('.'); dot >= 0; dot = parameter.indexOf('.', dot + 1)) {
            if (TargetModules.isSuffix(parameter.substring(0, dot), module)) {
                return true;
            }
        }
        return false;
    }
}
