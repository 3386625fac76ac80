package org.lowrank.experiment.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.List;

/**
 * One value of a grid axis: a method or a task, as changes to the base.
 *
 * @param label what a table calls it
 * @param with the fields that it changes
 * @param metric for a task: the metric of tables; the task's own if not given
 * @param searchMetric for a task: the metric by which rates are chosen, on validation rows; {@code
 *     metric} if not given
 * @param learningRates for a method: its own grid, for one whose steps are of another scale than
 *     the others'; as many rates as the protocol has, so that the budget is the same
 * @param paper what the papers' tables call it, the label if not given
 */
public record Variant(
        String label,
        JsonNode with,
        String metric,
        String searchMetric,
        List<Double> learningRates,
        String paper) {

    public Variant {
        label = label == null ? "" : label;
        with = with == null ? JsonNodeFactory.instance.objectNode() : with;
        learningRates = learningRates == null ? null : learningRates.stream().sorted().toList();
        paper = paper == null ? label : paper;
    }

    static Variant of(String label, JsonNode with) {
        return new Variant(label, with, null, null, null, null);
    }
}
