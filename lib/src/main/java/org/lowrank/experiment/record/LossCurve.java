package org.lowrank.experiment.record;

import java.util.ArrayList;
import java.util.List;
import org.lowrank.train.StepReport;

/** A run's steps thinned to windows of equal width, each with its means. */
public final class LossCurve {

    private static final int POINTS = 250;

    private LossCurve() {}

    public static List<RunRecord.Point> of(List<StepReport> steps) {
        int width = Math.max(1, (steps.size() + POINTS - 1) / POINTS);
        var points = new ArrayList<RunRecord.Point>();
        for (int start = 0; start < steps.size(); start += width) {
            var window = steps.subList(start, Math.min(steps.size(), start + width));
            points.add(
                    new RunRecord.Point(
                            window.get(window.size() - 1).step(),
                            window.stream().mapToDouble(StepReport::loss).average().orElseThrow(),
                            window.get(window.size() - 1).learningRate(),
                            window.stream()
                                    .mapToDouble(StepReport::gradientNorm)
                                    .average()
                                    .orElseThrow()));
        }
        return points;
    }
}
