package org.lowrank.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;

/**
 * One value of a grid axis: a method or a task, as changes to the base.
 *
 * @param label what a table calls it
 * @param with the fields that it changes
 * @param metric for a task: the metric of tables and of the choice of the rate; the task's own if
 *     not given
 * @param paper what the papers' tables call it, the label if not given
 */
public record Variant(String label, JsonNode with, String metric, String paper) {

    public Variant {
        label = label == null ? "" : label;
        with = with == null ? JsonNodeFactory.instance.objectNode() : with;
        paper = paper == null ? label : paper;
    }

    static Variant of(String label, JsonNode with) {
        return new Variant(label, with, null, null);
    }
}
