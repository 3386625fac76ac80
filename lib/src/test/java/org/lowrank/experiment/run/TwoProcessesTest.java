package org.lowrank.experiment.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.cli.Lowrank;
import org.lowrank.experiment.record.RunFolder;

/**
 * Two real processes work on one table and one of them is killed by SIGKILL: the other ends it, and
 * does nothing twice but go on from what was killed. The long form ({@code @Tag("soak")}) does so
 * for every eighth of {@code -Dlowrank.kills=N} (40).
 */
@Timeout(value = 3, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TwoProcessesTest {

    private static final int KILLS = Integer.getInteger("lowrank.kills", 40);

    @TempDir private Path root;
    private Killed killed;

    @BeforeEach
    void doAllUndisturbed() throws Exception {
        killed = new Killed(root);
    }

    @AfterEach
    void endProcesses() {
        killed.close();
    }

    private void killOneOfTwo(int times) throws Exception {
        var random = new SplittableRandom(times);
        int again = 0;
        for (int i = 0; i < times; i++) {
            var folder = RunFolder.at(root.resolve("shared-" + i));
            var command =
                    new String[] {
                        "run",
                        killed.specification.toString(),
                        "--runs",
                        folder.root().toString(),
                        "--checkpoint-every",
                        "PT0.03S",
                        "--threads",
                        "1"
                    };
            var first = killed.start(Map.of(), command);
            var second = killed.start(Map.of(), command);
            Killed.await(first, () -> !folder.hashes().isEmpty());
            Thread.sleep(random.nextInt(3000));
            killed.kill(first);
            assertEquals(0, second.waitFor(), () -> Killed.text(killed.log()));
            for (var config : killed.configs) {
                killed.assertSame(folder, config);
                int attempts =
                        folder.record(config.hash()).orElseThrow().runInfo().attempts().size();
                assertTrue(attempts <= 2, attempts + " attempts at " + config.hash());
                again += attempts - 1;
            }
            var before = Killed.contents(folder.root());
            assertEquals(0, Lowrank.execute(command), "nothing is left to do");
            var after = Killed.contents(folder.root());
            assertEquals(before.keySet(), after.keySet());
            before.forEach((name, bytes) -> assertArrayEquals(bytes, after.get(name), name));
            var out = root.resolve("figures-of-two-" + i);
            assertEquals(0, Lowrank.execute(killed.tableCommand(folder, out)));
            assertEquals(numbers(root.resolve("figures")), numbers(out));
        }
        assertTrue(again <= times, again + " runs were begun again for " + times + " kills");
        System.out.printf(
                "%d tables of two processes each, one of them killed by kill -9: %d runs, %d of"
                        + " them gone on with by the other, none done twice%n",
                times, times * killed.configs.size(), again);
    }

    /** What the table says; the seconds and bytes that its runs took differ. */
    private static String numbers(Path out) throws IOException {
        var text = Files.readString(out.resolve("killed.md"));
        return text.substring(0, text.indexOf("## All numbers"));
    }

    @Test
    void ofTwoProcessesOnOneTableOneIsKilledAndTheOtherEndsIt() throws Exception {
        killOneOfTwo(1);
    }

    @Test
    @Tag("soak")
    void ofTwoProcessesOnOneTableOneIsKilledOften() throws Exception {
        killOneOfTwo(Math.max(1, KILLS / 8));
    }
}
