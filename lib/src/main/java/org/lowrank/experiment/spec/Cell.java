package org.lowrank.experiment.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.List;
import java.util.Map;
import org.lowrank.config.Json;

/**
 * One cell of a table: a method on a task at one value of each further axis; all of a run but its
 * learning rate, seed and phase.
 *
 * @param axes value by path, for example {@code adapter.rank} 4
 * @param template base, task, method and axes laid over each other
 */
public record Cell(Variant method, Variant task, Map<String, JsonNode> axes, JsonNode template) {

    /** The configuration of one run of this cell, every default written out. */
    public RunConfig config(double learningRate, long seed, RunConfig.Phase phase) {
        var changes = JsonNodeFactory.instance.objectNode();
        changes.putObject("training").put("learning_rate", learningRate);
        changes.put("seed", seed).put("phase", phase.name());
        return SpecificationReader.convert(Json.merged(template, changes), RunConfig.class)
                .complete();
    }

    /**
     * The configuration of a run of the search, on as many rows as its budget has; a task that has
     * fewer refuses the run, unless its own {@code train_rows} say how many.
     */
    public RunConfig searchConfig(double learningRate, long seed, int trainRows) {
        int rows = template.at("/task/train_rows").asInt(0);
        if (trainRows == 0 || rows > 0 && rows <= trainRows) {
            return config(learningRate, seed, RunConfig.Phase.search);
        }
        var budget = JsonNodeFactory.instance.objectNode();
        budget.putObject("task").put("train_rows", trainRows);
        return new Cell(method, task, axes, Json.merged(template, budget))
                .config(learningRate, seed, RunConfig.Phase.search);
    }

    /** The rates that are tried first: those of the axis, of the method, or of the protocol. */
    public List<Double> learningRates(Protocol protocol) {
        var axis = axes.get(Protocol.RATE_AXIS);
        if (axis != null) {
            return List.of(axis.asDouble());
        }
        return method.learningRates() == null ? protocol.learningRates() : method.learningRates();
    }

    /** The row's name: the method and the values of the axes. */
    public String row() {
        var text = new StringBuilder(method.label());
        axes.forEach(
                (path, value) ->
                        text.append(", ").append(last(path)).append(' ').append(text(value)));
        return text.toString();
    }

    /** The value of an axis as people write it. */
    public static String text(JsonNode value) {
        return value.isFloatingPointNumber() ? Rates.text(value.asDouble()) : value.asText();
    }

    private static String last(String path) {
        return path.substring(path.lastIndexOf('.') + 1);
    }
}
