package org.lowrank.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What it sets at the start is seen in a process of its own, as this one's engine has started. */
class QuietEngineTest {

    /** Starts the engine and prints what it sees. */
    public static final class Start {
        public static void main(String[] args) {
            System.out.println(
                    ai.djl.engine.Engine.getInstance().getEngineName()
                            + " offline "
                            + ai.djl.util.Utils.isOfflineMode());
        }
    }

    @Test
    void theEngineStartsOfflineWithoutBeingTold() throws Exception {
        assertEquals(List.of("PyTorch offline true"), start(List.of(), ""));
    }

    @Test
    void whoWantsItOnlineSaysSo() throws Exception {
        assertTrue(start(List.of("-Dai.djl.offline=false"), "").get(0).endsWith("offline false"));
        assertTrue(start(List.of(), "false").get(0).endsWith("offline false"));
    }

    /** Whoever started the engine: a notebook's next thread, a pool's, the one of a test. */
    @Test
    void noThreadRecordsAGraphBeforeACollectorIsOpened() throws Exception {
        try (var manager = NDManager.newBaseManager()) {
            var factor = manager.ones(new Shape(2, 2));
            factor.setRequiresGradient(true);
            var seen =
                    CompletableFuture.supplyAsync(
                            () -> {
                                var states = new ArrayList<Boolean>();
                                try (var own = manager.newSubManager()) {
                                    states.add(Arrays.graphIsRecorded());
                                    factor.addi(1); // refused on a leaf whose graph is recorded
                                    try (var collector =
                                            Engine.getInstance().newGradientCollector()) {
                                        states.add(Arrays.graphIsRecorded());
                                        collector.backward(factor.mul(own.create(3f)).sum());
                                    }
                                    states.add(Arrays.graphIsRecorded());
                                }
                                return states;
                            },
                            task -> new Thread(task).start());
            assertEquals(List.of(false, true, false), seen.get());
            assertArrayEquals(new float[] {2, 2, 2, 2}, factor.toFloatArray());
            assertArrayEquals(new float[] {3, 3, 3, 3}, factor.getGradient().toFloatArray());
        }
    }

    private static List<String> start(List<String> options, String offline) throws Exception {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:TieredStopAtLevel=1");
        command.addAll(options);
        command.addAll(List.of("-cp", OwnClassPath.of(Start.class)));
        command.add(Start.class.getName());
        var builder = new ProcessBuilder(command);
        builder.environment().remove("OPT_OUT_TRACKING");
        builder.environment().remove("DJL_OFFLINE");
        if (!offline.isEmpty()) {
            builder.environment().put("DJL_OFFLINE", offline);
        }
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        var process = builder.start();
        var lines = new String(process.getInputStream().readAllBytes(), "UTF-8").lines().toList();
        assertEquals(0, process.waitFor());
        return lines;
    }
}
