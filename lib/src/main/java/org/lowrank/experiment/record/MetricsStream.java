package org.lowrank.experiment.record;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.lowrank.config.Json;
import org.lowrank.engine.AtomicFile;
import org.lowrank.train.RunState;
import org.lowrank.train.StepReport;
import org.lowrank.train.TrainingConfig;
import org.lowrank.train.TrainingListener;
import org.lowrank.train.TrainingResult;

/**
 * Writes a run's steps and evaluations to a JSONL file while it runs. A resumed run first cuts the
 * file back to what its checkpoint has seen.
 */
public final class MetricsStream implements TrainingListener, AutoCloseable {

    private final Path file;
    private RunState state;
    private Writer out;

    public MetricsStream(Path file) {
        this.file = file;
    }

    /** The history that a resumed run begins the file with. */
    public void follow(RunState ofRun) {
        state = ofRun;
    }

    @Override
    public void started(TrainingConfig config, long firstStep) {
        try {
            AtomicFile.write(file, start -> start.write(past().getBytes(StandardCharsets.UTF_8)));
            // not Files.newBufferedWriter, which an interrupt of the thread closes
            out =
                    new BufferedWriter(
                            new java.io.FileWriter(file.toFile(), StandardCharsets.UTF_8, true));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String past() {
        var text = new StringBuilder();
        int next = 0;
        for (var step : state.steps()) {
            text.append(line(step));
            while (next < state.evaluations().size()
                    && state.evaluations().get(next).step() == step.step()) {
                var evaluation = state.evaluations().get(next++);
                text.append(line(evaluation.step(), evaluation.metrics()));
            }
        }
        return text.toString();
    }

    @Override
    public void afterStep(StepReport report) {
        append(line(report));
    }

    @Override
    public void evaluated(long step, Map<String, Double> metrics) {
        append(line(step, metrics));
    }

    @Override
    public void ended(TrainingResult result) {
        close();
    }

    private static String line(StepReport report) {
        return Json.line(report) + "\n";
    }

    private static String line(long step, Map<String, Double> metrics) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("step", step);
        fields.put("evaluation", metrics);
        return Json.line(fields) + "\n";
    }

    private void append(String line) {
        try {
            out.write(line);
            out.flush();
        } catch (IOException e) {
            throw unwritten(e);
        }
    }

    /** Who unwraps it still has the file's name. */
    private UncheckedIOException unwritten(IOException e) {
        var named = new IOException("cannot write " + file + ": " + e.getMessage(), e);
        return new UncheckedIOException(named);
    }

    @Override
    public void close() {
        try {
            if (out != null) {
                out.close();
                out = null;
            }
        } catch (IOException e) {
            throw unwritten(e);
        }
    }
}
