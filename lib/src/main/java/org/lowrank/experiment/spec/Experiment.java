package org.lowrank.experiment.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A table as a specification: a grid of methods, tasks and further axes over a base.
 *
 * @param name the name of its files, letters, digits, {@code _} and {@code -}
 * @param title one line above the table
 * @param base what all runs share, a part of a {@link RunConfig}
 * @param tasks the columns
 * @param methods the rows
 * @param axes more rows, by the path of a field of {@link RunConfig}, for example {@code
 *     adapter.rank} with 1, 2, 4
 * @param baseline the label of the method that differences are taken to
 * @param frozenEncoder true adds the row of a frozen encoder with a trained head, if no method is
 *     one
 * @param reference ids of paper tables to show beside ours
 * @param profiles changes of this specification by profile; {@code quick}, {@code cpu}, {@code
 *     paper}
 */
public record Experiment(
        String name,
        String title,
        JsonNode base,
        List<Variant> tasks,
        List<Variant> methods,
        Map<String, List<JsonNode>> axes,
        Protocol protocol,
        String baseline,
        Boolean frozenEncoder,
        List<String> reference,
        Map<String, JsonNode> profiles) {

    /** The label of the row that {@link #frozenEncoder} adds. */
    public static final String FROZEN_ENCODER = "Frozen encoder";

    public Experiment {
        name = name == null ? "" : name;
        title = title == null ? name : title;
        base = base == null ? JsonNodeFactory.instance.objectNode() : base;
        tasks = tasks == null ? List.of() : List.copyOf(tasks);
        methods = methods == null ? List.of() : List.copyOf(methods);
        axes = axes == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(axes));
        protocol = protocol == null ? new Protocol(null, null, null, null, null, null) : protocol;
        frozenEncoder = frozenEncoder == null || frozenEncoder;
        reference = reference == null ? List.of() : List.copyOf(reference);
        profiles = profiles == null ? Map.of() : Map.copyOf(profiles);
    }
}
