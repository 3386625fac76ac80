package org.lowrank.report;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.lowrank.experiment.record.RunRecord;

/** A tuned model beside the untrained one: a row a metric, an interval where there are seeds. */
public final class TunedTable {

    private TunedTable() {}

    /**
     * As Markdown.
     *
     * @param untrained metrics on the same test rows
     * @param records the judged runs; those that diverged are counted below
     */
    public static String of(String method, Map<String, Double> untrained, List<RunRecord> records) {
        var finished = records.stream().filter(r -> r.trainInfo().test() != null).toList();
        var metrics = new TreeSet<>(untrained.keySet());
        finished.forEach(r -> metrics.addAll(r.trainInfo().test().metrics().keySet()));
        var text =
                new StringBuilder(
                        "| test rows | untrained | " + method + " |\n| :-- | --: | --: |\n");
        for (var metric : metrics) {
            var values =
                    finished.stream()
                            .map(r -> r.trainInfo().test().metrics().get(metric))
                            .mapToDouble(Double::doubleValue)
                            .toArray();
            text.append(
                    String.format(
                            Locale.ROOT,
                            "| %s | %s | %s |%n",
                            metric,
                            untrained.containsKey(metric) ? number(untrained.get(metric)) : "",
                            values.length == 0 ? "-" : number(Summary.of(values))));
        }
        text.append('\n').append(rates(records)).append('\n');
        return text.toString();
    }

    private static String rates(List<RunRecord> records) {
        if (records.isEmpty()) {
            return "No rate came to a finite loss.";
        }
        var config = records.get(0).runInfo().config();
        var seeds =
                records.stream()
                        .map(
                                r ->
                                        r.runInfo().config().seed()
                                                + (r.trainInfo().test() == null
                                                        ? " (diverged)"
                                                        : ""))
                        .collect(Collectors.joining(", "));
        return "Learning rate "
                + config.training().learningRate()
                + ", "
                + records.get(0).trainInfo().steps()
                + " steps, seeds "
                + seeds
                + "; answer_nll and perplexity: the smaller the better.";
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }

    private static String number(Summary summary) {
        var interval = summary.interval();
        return number(summary.mean())
                + (interval.known()
                        ? String.format(
                                Locale.ROOT, " [%.3f, %.3f]", interval.low(), interval.high())
                        : "");
    }
}
