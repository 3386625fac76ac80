package org.lowrank.report;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.lowrank.train.StepReport;
import org.lowrank.train.TrainingConfig;
import org.lowrank.train.TrainingListener;
import org.lowrank.train.TrainingResult;

/** Shows a run while it trains: one HTML block that changes in place in a notebook. */
public final class TrainingProgress implements TrainingListener {

    private static final double SECONDS_BETWEEN = 1.0;
    private static final double SMOOTHING = 0.9;

    private final Consumer<Snapshot> show;
    private final List<Double> smoothedLoss = new ArrayList<>();
    private double seconds;
    private double shownAt;
    private long tokens;
    private long steps;
    private Map<String, Double> metrics = Map.of();
    private StepReport last;

    private TrainingProgress(Consumer<Snapshot> show) {
        this.show = show;
    }

    /** What is shown at one moment. */
    private record Snapshot(String line, List<Double> curve, double done, String ending) {}

    /**
     * One block that changes in place.
     *
     * <p>In a notebook: {@code TrainingProgress.inNotebook("LoRA", html -> display(html,
     * "text/html"), (id, html) -> updateDisplay(id, html, "text/html"))}.
     *
     * @param display shows HTML and returns the id of the block
     * @param update replaces the HTML of a block
     */
    public static TrainingProgress inNotebook(
            String title, UnaryOperator<String> display, BiConsumer<String, String> update) {
        var id = new String[1];
        return new TrainingProgress(
                snapshot -> {
                    var html = html(title, snapshot);
                    if (id[0] == null) {
                        id[0] = display.apply(html);
                    } else {
                        update.accept(id[0], html);
                    }
                });
    }

    @Override
    public void started(TrainingConfig config, long firstStep) {
        show.accept(new Snapshot("starting", List.of(), 0, ""));
    }

    @Override
    public void afterStep(StepReport report) {
        last = report;
        steps++;
        seconds += report.seconds();
        tokens += report.tokens();
        double before = steps == 1 ? report.loss() : smoothedLoss.get(smoothedLoss.size() - 1);
        smoothedLoss.add(SMOOTHING * before + (1 - SMOOTHING) * report.loss());
        if (seconds - shownAt >= SECONDS_BETWEEN) {
            shownAt = seconds;
            show(" ");
        }
    }

    @Override
    public void evaluated(long step, Map<String, Double> measured) {
        metrics = measured;
    }

    @Override
    public void ended(TrainingResult result) {
        if (last != null) {
            show(
                    result.status() == TrainingResult.Status.FINISHED
                            ? String.format(Locale.ROOT, " · finished in %s", clock(seconds))
                            : " · " + result.status() + ": " + result.message());
        }
    }

    private void show(String ending) {
        double left = seconds / steps * (last.totalSteps() - last.step());
        var line =
                new StringBuilder(
                        String.format(
                                Locale.ROOT,
                                "step %d/%d · loss %.4f",
                                last.step(),
                                last.totalSteps(),
                                smoothedLoss.get(smoothedLoss.size() - 1)));
        if (ending.isBlank()) { // at its end a schedule's rate is next to nothing
            line.append(String.format(Locale.ROOT, " · rate %.2g", last.learningRate()));
        }
        if (tokens > 0) {
            line.append(String.format(Locale.ROOT, " · %,.0f tokens/s", tokens / seconds));
        }
        metrics.entrySet().stream()
                .limit(1)
                .forEach(
                        m ->
                                line.append(
                                        String.format(
                                                Locale.ROOT,
                                                " · %s %.3f",
                                                m.getKey(),
                                                m.getValue())));
        if (ending.isBlank()) {
            line.append(" · ").append(clock(left)).append(" left");
        }
        show.accept(
                new Snapshot(
                        line.toString(),
                        smoothedLoss,
                        (double) last.step() / last.totalSteps(),
                        ending.strip().isEmpty() ? "" : ending));
    }

    private static String clock(double seconds) {
        long whole = Math.round(seconds);
        return String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60);
    }

    private static String html(String title, Snapshot snapshot) {
        return String.format(
                Locale.ROOT,
                "<div style=\"font-family:sans-serif;font-size:13px;max-width:640px\"><b>%s</b> %s%s"
                        + "<div style=\"background:#e6e6e6;height:4px;margin:3px 0\"><div"
                        + " style=\"background:#0072b2;height:4px;width:%.1f%%\"></div></div>%s</div>",
                escape(title),
                escape(snapshot.line()),
                escape(snapshot.ending()),
                100 * snapshot.done(),
                curve(snapshot.curve()));
    }

    /**
     * The smoothed loss as a line of at most 200 points, its highest and lowest value and the steps
     * beside it. An image, since viewers drop drawings of notebooks that they do not trust.
     */
    private static String curve(List<Double> loss) {
        if (loss.size() < 2) {
            return "";
        }
        double high = loss.stream().mapToDouble(Double::doubleValue).max().orElse(1);
        double low = loss.stream().mapToDouble(Double::doubleValue).min().orElse(0);
        double range = Math.max(high - low, 1e-12);
        var points = new StringBuilder();
        int count = Math.min(loss.size(), 200);
        for (int i = 0; i < count; i++) {
            double value = loss.get((int) ((long) i * (loss.size() - 1) / (count - 1)));
            points.append(
                    String.format(
                            Locale.ROOT,
                            "%.1f,%.1f ",
                            44 + 590.0 * i / (count - 1),
                            56 - 50 * (value - low) / range));
        }
        var picture =
                "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 640 76' font-family='sans-serif'"
                        + " font-size='11' fill='#7d7d7d'><path d='M44 4V58H636' fill='none'"
                        + " stroke='#7d7d7d'/><polyline fill='none' stroke='#2a85c7' stroke-width='1.5'"
                        + " points='"
                        + points.toString().strip()
                        + "'/>"
                        + mark(40, 12, "end", String.format(Locale.ROOT, "%.3f", high))
                        + mark(40, 58, "end", String.format(Locale.ROOT, "%.3f", low))
                        + mark(44, 72, "start", "step 1")
                        + mark(636, 72, "end", "step " + loss.size())
                        + "</svg>";
        return String.format(
                Locale.ROOT,
                "<img width=\"640\" alt=\"loss by step, smoothed: highest %.3f, lowest %.3f\""
                        + " src=\"data:image/svg+xml;base64,%s\">",
                high,
                low,
                Base64.getEncoder().encodeToString(picture.getBytes(StandardCharsets.UTF_8)));
    }

    private static String mark(int x, int y, String anchor, String text) {
        return "<text x='%d' y='%d' text-anchor='%s'>%s</text>".formatted(x, y, anchor, text);
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
