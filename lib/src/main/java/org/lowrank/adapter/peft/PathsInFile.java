package org.lowrank.adapter.peft;

import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.lowrank.adapter.AdaptableModel;

/**
 * What a file calls the modules of a model. PEFT's paths begin at the root of the model that it
 * wrapped: what is {@code encoder.layer.0} of a bare encoder is {@code bert.encoder.layer.0} there,
 * while a head stands beside {@code bert} and is called the same in both.
 */
final class PathsInFile {

    private final Map<String, String> pairs = new LinkedHashMap<>();
    private final Set<String> prefixes = new TreeSet<>();

    /**
     * @throws IOException if a pair of the file is not of this model, or is there twice
     */
    PathsInFile(AdapterTensors tensors, AdaptableModel model) throws IOException {
        var found = new TreeMap<String, String>();
        for (var inFile : tensors.paths()) {
            model.untie(inFile);
            var current = model.currentPath(inFile);
            var path = withoutPrefix(current, tensors, model);
            prefixes.add(current.substring(0, current.length() - path.length()));
            if (found.put(path, inFile) != null) {
                throw tensors.refusal(PeftKey.PREFIX + inFile, "is there twice for the model");
            }
        }
        model.linears().keySet().stream()
                .filter(found::containsKey)
                .forEach(path -> pairs.put(path, found.get(path)));
    }

    private static String withoutPrefix(String inFile, AdapterTensors tensors, AdaptableModel model)
            throws IOException {
        var path = inFile;
        while (!model.linears().containsKey(path)) {
            int dot = path.indexOf('.');
            if (dot < 0) {
                throw tensors.refusal(
                        PeftKey.PREFIX + inFile,
                        "the model has no such linear map; it has "
                                + model.linears().keySet().iterator().next()
                                + " and others");
            }
            path = path.substring(dot + 1);
        }
        return path;
    }

    /** What stands before the model's paths, for example {@code bert}; empty if nothing does. */
    String root() {
        var first = prefixes.iterator().next();
        return first.isEmpty() ? "" : first.substring(0, first.length() - 1);
    }

    /** The model's paths of the pairs, in its order, and what the file calls them. */
    Map<String, String> pairs() {
        return Collections.unmodifiableMap(pairs);
    }

    /**
     * The model's name of an array or a module that is saved whole: the file's, or that without the
     * prefix that the pairs have.
     *
     * @param known whether the model has a name
     * @return the file's name if the model has none of these
     */
    String inModel(String name, Predicate<String> known) {
        if (known.test(name)) {
            return name;
        }
        return prefixes.stream()
                .filter(name::startsWith)
                .map(prefix -> name.substring(prefix.length()))
                .filter(known)
                .findFirst()
                .orElse(name);
    }
}
