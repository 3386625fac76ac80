package org.lowrank.experiment.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.config.Json;
import org.lowrank.config.Problems;
import org.lowrank.task.Task;
import org.lowrank.task.Tasks;

/**
 * A specification that was checked and expanded into the cells of its table.
 *
 * @param profile the profile that was laid over the specification, or empty
 * @param cells method by method, within a method by axis values, within those by task
 */
public record Grid(Experiment experiment, String profile, List<Cell> cells) {

    static Grid of(Experiment given, String profile) {
        checkParts(given);
        var experiment = withFrozenEncoder(given);
        var cells = new ArrayList<Cell>();
        for (var method : experiment.methods()) {
            for (var axes : combinations(experiment.axes())) {
                for (var task : experiment.tasks()) {
                    cells.add(
                            new Cell(method, task, axes, template(experiment, method, task, axes)));
                }
            }
        }
        checkCells(experiment, cells);
        return new Grid(experiment, profile, List.copyOf(cells));
    }

    private static JsonNode template(
            Experiment experiment, Variant method, Variant task, Map<String, JsonNode> axes) {
        var template = Json.merged(Json.merged(experiment.base(), task.with()), method.with());
        axes.forEach((path, value) -> put(template, path, value));
        return template;
    }

    private static void put(ObjectNode tree, String path, JsonNode value) {
        int dot = path.indexOf('.');
        if (dot < 0) {
            tree.set(path, value);
        } else {
            put(tree.withObjectProperty(path.substring(0, dot)), path.substring(dot + 1), value);
        }
    }

    private static List<Map<String, JsonNode>> combinations(Map<String, List<JsonNode>> axes) {
        List<Map<String, JsonNode>> all = List.of(Map.of());
        for (var axis : axes.entrySet()) {
            var longer = new ArrayList<Map<String, JsonNode>>();
            for (var start : all) {
                for (var value : axis.getValue()) {
                    var next = new LinkedHashMap<>(start);
                    next.put(axis.getKey(), value);
                    longer.add(next);
                }
            }
            all = longer;
        }
        return all;
    }

    private static Experiment withFrozenEncoder(Experiment e) {
        boolean present =
                e.methods().stream()
                        .anyMatch(
                                m ->
                                        m.with()
                                                .at("/adapter/layer")
                                                .asText()
                                                .equals(LoraConfig.NONE));
        if (!e.frozenEncoder() || present) {
            return e;
        }
        var with = JsonNodeFactory.instance.objectNode();
        with.putObject("adapter").put("layer", LoraConfig.NONE);
        with.putObject("optimizer").put("name", "adamw").putObject("options");
        var methods = new ArrayList<>(e.methods());
        methods.add(0, Variant.of(Experiment.FROZEN_ENCODER, with));
        return new Experiment(
                e.name(),
                e.title(),
                e.base(),
                e.tasks(),
                methods,
                e.axes(),
                e.protocol(),
                e.baseline(),
                true,
                e.reference(),
                e.profiles());
    }

    private static void checkParts(Experiment e) {
        SpecificationReader.convert(e.base(), RunConfig.class, "base.");
        checkVariants("tasks", e.tasks());
        checkVariants("methods", e.methods());
        var problems = new Problems("");
        problems.require(
                e.name().matches("[A-Za-z0-9_-]+"),
                "name",
                "is \"" + e.name() + "\"; allowed: letters, digits, _ and -");
        labels(problems, "tasks", e.tasks());
        labels(problems, "methods", e.methods());
        if (e.baseline() != null) {
            var methods = withFrozenEncoder(e).methods().stream().map(Variant::label).toList();
            problems.oneOf("baseline", e.baseline(), methods);
        }
        e.axes()
                .forEach(
                        (path, values) ->
                                problems.require(!values.isEmpty(), "axes." + path, "is empty"));
        e.protocol().check(e.axes().containsKey(Protocol.RATE_AXIS), problems);
        rates(problems, e);
        refuse(problems);
    }

    private static void rates(Problems problems, Experiment e) {
        int size = e.protocol().learningRates().size();
        for (int i = 0; i < e.tasks().size(); i++) {
            problems.require(
                    e.tasks().get(i).learningRates() == null,
                    "tasks[" + i + "].learning_rates",
                    "is given; only the protocol and methods have rates");
        }
        for (int i = 0; i < e.methods().size(); i++) {
            var rates = e.methods().get(i).learningRates();
            var field = "methods[" + i + "].learning_rates";
            if (rates != null) {
                problems.require(
                        rates.stream().distinct().count() == size,
                        field,
                        "has %s different rates; allowed: %s, as many as protocol.learning_rates"
                                .formatted(rates.stream().distinct().count(), size));
                rates.forEach(rate -> problems.positive(field, rate));
            }
        }
    }

    private static void checkVariants(String list, List<Variant> variants) {
        for (int i = 0; i < variants.size(); i++) {
            SpecificationReader.convert(
                    variants.get(i).with(), RunConfig.class, list + "[" + i + "].with.");
        }
    }

    private static void labels(Problems problems, String list, List<Variant> variants) {
        problems.require(!variants.isEmpty(), list, "is empty; a table needs at least one");
        var seen = new HashMap<String, String>();
        for (int i = 0; i < variants.size(); i++) {
            var label = variants.get(i).label();
            var field = list + "[" + i + "].label";
            problems.require(!label.isBlank(), field, "is missing");
            // columns of a table, and files on some disks, are told apart by letters alone
            var before = seen.put(label.strip().toLowerCase(Locale.ROOT), label);
            problems.require(
                    before == null,
                    field,
                    label.equals(before)
                            ? "is \"" + label + "\" for a second time"
                            : "is \"%s\"; \"%s\" differs from it by capitals or blanks alone"
                                    .formatted(label, before));
        }
    }

    /** One line a problem, with the cells that have it. */
    private static void checkCells(Experiment experiment, List<Cell> cells) {
        var found = new LinkedHashMap<String, List<Cell>>();
        for (var cell : cells) {
            for (var problem : problems(experiment, cell)) {
                found.computeIfAbsent(problem, p -> new ArrayList<>()).add(cell);
            }
        }
        if (!found.isEmpty()) {
            var lines = new ArrayList<String>();
            found.forEach((problem, where) -> lines.add(where(where, cells.size()) + problem));
            throw new SpecificationException(experiment.name(), lines);
        }
    }

    private static List<String> problems(Experiment experiment, Cell cell) {
        var problems = new Problems("");
        var changes = JsonNodeFactory.instance.objectNode();
        changes.putObject("training")
                .put("learning_rate", cell.learningRates(experiment.protocol()).get(0));
        var config =
                SpecificationReader.convert(
                        Json.merged(cell.template(), changes),
                        RunConfig.class,
                        where(List.of(cell), 0));
        config.check(problems);
        if (problems.list().isEmpty()) {
            checkMetrics(cell.task(), Tasks.of(config.task()), experiment.protocol(), problems);
        }
        return problems.list();
    }

    private static void checkMetrics(
            Variant variant, Task task, Protocol protocol, Problems problems) {
        var metric = variant.metric() == null ? task.metrics().get(0) : variant.metric();
        problems.oneOf("metric", metric, task.metrics());
        var search = variant.searchMetric() == null ? metric : variant.searchMetric();
        if (variant.searchMetric() != null) {
            problems.oneOf("search_metric", search, task.metrics());
        }
        problems.require(
                protocol.kind() == Protocol.Kind.fixed || !task.isOfTestAlone(search),
                "search_metric",
                "\""
                        + search
                        + "\" is measured on test rows alone, rates are chosen on validation rows;"
                        + " name one of "
                        + task.metrics().stream().filter(m -> !task.isOfTestAlone(m)).toList());
    }

    private static String where(List<Cell> cells, int all) {
        if (cells.size() == all) {
            return "everywhere: ";
        }
        var first = cells.get(0);
        return "method \"%s\", task \"%s\"%s: "
                .formatted(
                        first.row(),
                        first.task().label(),
                        cells.size() > 1 ? " and " + (cells.size() - 1) + " more" : "");
    }

    private static void refuse(Problems problems) {
        if (!problems.list().isEmpty()) {
            throw new SpecificationException("specification", problems.list());
        }
    }
}
