package org.lowrank.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** In a process of its own, as the engine of this one has started. */
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
