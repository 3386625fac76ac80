package org.lowrank.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.lowrank.engine.AtomicFile;

/**
 * The checkpoints of one run: a listener that writes one every so many steps or seconds and keeps
 * the last two, so that one is whole whatever happens to the other.
 */
public final class Checkpoints implements TrainingListener {

    private static final int KEPT = 2;
    private static final String SUFFIX = ".checkpoint";

    private final Path folder;
    private final String run;
    private final Interval interval;
    private TrainingLoop loop;
    private Trained trained;
    private long lastStep;
    private long lastTime = System.nanoTime();

    /**
     * When a checkpoint is due: after so many steps or so much time, whichever comes first.
     *
     * @param steps 0 counts no steps
     * @param time zero counts no time
     */
    public record Interval(long steps, Duration time) {

        /** Once a minute. */
        public static final Interval STANDARD = new Interval(0, Duration.ofMinutes(1));

        boolean isOver(long stepsSince, long nanosSince) {
            return steps > 0 && stepsSince >= steps
                    || !time.isZero() && nanosSince >= time.toNanos();
        }
    }

    /**
     * @param folder of this run's checkpoints and nothing else
     * @param run names the configuration; a checkpoint of another name is refused
     */
    public Checkpoints(Path folder, String run, Interval interval) {
        this.folder = folder;
        this.run = run;
        this.interval = interval;
    }

    /**
     * The outcome of {@link #resume}: the step gone on from (0: from the start) and what was
     * unusable.
     */
    public record Resumed(long step, List<String> damaged) {}

    /**
     * Connects this with its loop and goes back to the newest whole checkpoint.
     *
     * @throws IOException if the folder cannot be read, or a whole checkpoint does not fit the run
     */
    public Resumed resume(TrainingLoop ofRun, Trained what) throws IOException {
        loop = ofRun;
        trained = what;
        AtomicFile.removeLeftovers(folder);
        var damaged = new ArrayList<String>();
        for (var file : newestFirst()) {
            try {
                Checkpoint.verify(file, run);
            } catch (IOException e) {
                damaged.add(e.getMessage());
                continue;
            }
            Checkpoint.read(file, loop.state(), trained);
            lastStep = loop.state().stepsDone();
            return new Resumed(lastStep, damaged);
        }
        return new Resumed(0, damaged);
    }

    /** Everything up to the step before, its evaluation included, is done here. */
    @Override
    public void beforeStep(long step) {
        long done = step - 1;
        if (done > lastStep && interval.isOver(done - lastStep, System.nanoTime() - lastTime)) {
            save(done);
        }
    }

    @Override
    public void ended(TrainingResult result) {
        long done = result.steps().size();
        if (result.status() == TrainingResult.Status.CANCELLED && done > lastStep) {
            save(done);
        }
    }

    private void save(long step) {
        try {
            var file = folder.resolve(String.format(Locale.ROOT, "%012d%s", step, SUFFIX));
            Checkpoint.write(file, run, loop.state(), trained);
            lastStep = step;
            lastTime = System.nanoTime();
            var files = newestFirst();
            for (var old : files.subList(Math.min(KEPT, files.size()), files.size())) {
                Files.deleteIfExists(old);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes them all: the run has its record. */
    public void delete() throws IOException {
        AtomicFile.removeLeftovers(folder);
        for (var file : newestFirst()) {
            Files.deleteIfExists(file);
        }
        Files.deleteIfExists(folder);
    }

    private List<Path> newestFirst() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var files = Files.list(folder)) {
            return files.filter(f -> f.getFileName().toString().endsWith(SUFFIX))
                    .sorted(Comparator.comparing(Path::getFileName).reversed())
                    .toList();
        }
    }
}
