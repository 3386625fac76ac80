package org.lowrank.task.written;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.lowrank.data.score.AnswerLikelihood;

/**
 * How a model did in a test.
 *
 * @param rows questions that were put
 * @param metrics in the order of the table
 * @param facts what a reader needs to know beside: rules, prompts, limits, answers without a value
 */
public record WrittenScore(int rows, Map<String, Metric> metrics, Map<String, Object> facts) {

    /**
     * A number of the table.
     *
     * @param standardError of a share over the rows; null where there is none
     */
    public record Metric(double value, Double standardError) {

        /** A share of rows, its error that of a draw of the rows. */
        static Metric share(double value, int rows) {
            return new Metric(value, Math.sqrt(value * (1 - value) / rows));
        }

        static Metric plain(double value) {
            return new Metric(value, null);
        }
    }

    /** The columns of every test whose rows have reference answers. */
    static Map<String, Metric> of(Optional<AnswerLikelihood> likelihood) {
        var metrics = new LinkedHashMap<String, Metric>();
        likelihood.ifPresent(
                l -> {
                    metrics.put("answer_nll", Metric.plain(l.perToken()));
                    metrics.put("perplexity", Metric.plain(l.perplexity()));
                });
        return metrics;
    }

    /** As Markdown. */
    public String markdown(String title) {
        List<String> lines = new ArrayList<>();
        lines.add("| %s, %d rows | value | standard error |".formatted(title, rows));
        lines.add("| :-- | --: | --: |");
        metrics.forEach(
                (name, metric) ->
                        lines.add(
                                String.format(
                                        Locale.ROOT,
                                        "| %s | %.3f | %s |",
                                        name,
                                        metric.value,
                                        metric.standardError == null
                                                ? ""
                                                : String.format(
                                                        Locale.ROOT,
                                                        "%.3f",
                                                        metric.standardError))));
        lines.add("");
        facts.forEach((name, value) -> lines.add(name.replace('_', ' ') + ": " + value));
        return String.join("\n", lines) + "\n";
    }
}
