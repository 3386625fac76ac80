package org.lowrank.experiment.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.cli.Lowrank;
import org.lowrank.experiment.record.Attempts;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.spec.RunConfig;

/**
 * Real commands, killed by SIGKILL at random moments of everything that they do. What is begun
 * again ends bit-equal to what nobody killed; nothing is lost, nothing done twice, nothing left
 * lying about. The long form ({@code @Tag("soak")}) kills {@code -Dlowrank.kills=N} times (40) and
 * prints where the kills hit.
 */
@Timeout(value = 3, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KillSoakTest {

    private static final int KILLS = Integer.getInteger("lowrank.kills", 40);
    private static final int EVALUATED_EVERY = 30;

    /** What a kill is aimed at, and what it is found to have hit. */
    private enum Moment {
        START,
        TRAIN,
        EVALUATE,
        CHECKPOINT,
        RECORD,
        TABLE,
        /** All was done already. */
        END
    }

    private static final List<Moment> AIMS =
            List.of(Moment.TRAIN, Moment.EVALUATE, Moment.CHECKPOINT, Moment.RECORD, Moment.TABLE);

    @TempDir private Path root;
    private Killed killed;
    private final Map<Moment, Integer> hits = new EnumMap<>(Moment.class);

    @BeforeEach
    void doAllUndisturbed() throws Exception {
        killed = new Killed(root);
    }

    @AfterEach
    void endProcesses() {
        killed.close();
    }

    private void kill(int times) throws Exception {
        var random = new SplittableRandom(times);
        for (int i = 0; i < times; i++) {
            var aim = AIMS.get(i % AIMS.size());
            if (aim == Moment.TABLE) {
                killTable(root.resolve("figures-" + i), random);
            } else {
                var config = killed.configs.get(i / AIMS.size() % killed.configs.size());
                killRun(RunFolder.at(root.resolve("runs-" + i)), config, aim, random);
            }
        }
        System.out.printf(
                "%d processes killed by kill -9, hit at %s; bit-equal all%n", times, hits);
        assertEquals(times, hits.values().stream().mapToInt(n -> n).sum());
    }

    private void killRun(RunFolder folder, RunConfig config, Moment aim, SplittableRandom random)
            throws Exception {
        folder.request(config);
        var process = killed.start(Map.of(), Killed.runCommand(folder, config));
        Killed.await(process, () -> isAt(aim, folder, config));
        if (aim == Moment.TRAIN || aim == Moment.EVALUATE) {
            Thread.sleep(random.nextInt(aim == Moment.TRAIN ? 500 : 50));
        }
        killed.kill(process);
        hits.merge(hit(folder, config), 1, Integer::sum);
        var run = folder.of(config.hash());
        var recorded = folder.record(config.hash());
        var attempts = Attempts.of(run).all().size();

        var record = Killed.finish(folder, config);
        killed.assertSame(folder, config);
        assertEquals(killed.filesOf(config), Killed.contents(run).keySet());
        if (recorded.isPresent()) {
            assertEquals(recorded.get(), record, "what was done is not done twice");
        } else {
            assertEquals(attempts + 1, record.runInfo().attempts().size());
        }
    }

    private void killTable(Path out, SplittableRandom random) throws Exception {
        var process = killed.start(Map.of(), killed.tableCommand(killed.straight(), out));
        Killed.await(process, () -> Files.isDirectory(out));
        LockSupport.parkNanos(random.nextLong(TimeUnit.MILLISECONDS.toNanos(500)));
        killed.kill(process);
        var left = Killed.contents(out);
        for (var file : left.entrySet()) {
            if (!file.getKey().endsWith(".tmp")) {
                assertArrayEquals(
                        killed.table().get(file.getKey()), file.getValue(), "whole or not there");
            }
        }
        hits.merge(
                left.keySet().equals(killed.table().keySet()) ? Moment.END : Moment.TABLE,
                1,
                Integer::sum);
        Killed.age(
                out, Duration.ofMinutes(-11)); // as long as a half file is taken for a living one's
        assertEquals(0, Lowrank.execute(killed.tableCommand(killed.straight(), out)));
        killed.assertTable(out);
    }

    private static boolean isAt(Moment aim, RunFolder folder, RunConfig config) throws IOException {
        return switch (aim) {
            case TRAIN -> Files.exists(folder.metrics(config.hash()));
            case EVALUATE -> hit(folder, config) == Moment.EVALUATE;
            case CHECKPOINT -> Killed.holdsHalfFile(folder.checkpoints(config.hash()), "");
            default ->
                    Killed.holdsHalfFile(folder.of(config.hash()), ".record")
                            || folder.of(config.hash()).resolve("record.json").toFile().exists();
        };
    }

    private static Moment hit(RunFolder folder, RunConfig config) throws IOException {
        var run = folder.of(config.hash());
        if (run.resolve("record.json").toFile().exists()) {
            return Moment.END;
        }
        if (Killed.holdsHalfFile(run, ".record")) {
            return Moment.RECORD;
        }
        if (Killed.holdsHalfFile(folder.checkpoints(config.hash()), "")) {
            return Moment.CHECKPOINT;
        }
        if (!Files.exists(folder.metrics(config.hash()))) {
            return Moment.START;
        }
        var lines = Files.readString(folder.metrics(config.hash())).lines().toList();
        var last = lines.isEmpty() ? "" : lines.get(lines.size() - 1);
        boolean scores = last.contains("evaluation") && lines.size() == 124;
        return scores || isEvaluated(last) ? Moment.EVALUATE : Moment.TRAIN;
    }

    /** After such a step the model is evaluated before anything else is written. */
    private static boolean isEvaluated(String line) {
        var step = line.replaceFirst("^\\{\"step\":(\\d+),\"(?!evaluation).*}$", "$1");
        return step.matches("\\d+") && Integer.parseInt(step) % EVALUATED_EVERY == 0;
    }

    @Test
    void whatIsKilledAtAnyMomentEndsBitEqual() throws Exception {
        kill(AIMS.size());
    }

    @Test
    void whatAKillAfterTheRecordLeavesIsRemovedAndTheRecordStays() throws Exception {
        var config = killed.configs.get(0);
        var folder = killed.straight();
        var files = killed.filesOf(config);
        var record = folder.record(config.hash()).orElseThrow();
        var checkpoints = Files.createDirectories(folder.checkpoints(config.hash()));
        Files.writeString(checkpoints.resolve("000000000090.checkpoint"), "of before");
        Files.writeString(folder.of(config.hash()).resolve(".record.json.1-1.tmp"), "{");
        assertEquals(record, Killed.finish(folder, config));
        assertEquals(files, killed.filesOf(config));
    }

    @Test
    @Tag("soak")
    void whatIsKilledAtFortyMomentsEndsBitEqual() throws Exception {
        kill(KILLS);
        assertTrue(hits.keySet().containsAll(AIMS), "each moment is hit at least once: " + hits);
    }
}
