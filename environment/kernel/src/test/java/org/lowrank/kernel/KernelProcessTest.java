package org.lowrank.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class KernelProcessTest {

    @TempDir static Path folder;

    private static KernelProcess kernel;

    @BeforeAll
    static void start() throws Exception {
        kernel = new KernelProcess(folder, Map.of());
        kernel.awaitReady();
    }

    @AfterAll
    static void stop() {
        kernel.close();
    }

    private static String printed(List<KernelProcess.Message> messages) {
        return messages.stream()
                .filter(m -> m.type().equals("stream"))
                .map(m -> m.content().get("text").getAsString())
                .collect(Collectors.joining());
    }

    private static List<String> types(List<KernelProcess.Message> messages) {
        return messages.stream().map(KernelProcess.Message::type).toList();
    }

    @Test
    void aCellPrintsShowsAndReturnsItsValueInThisOrder() {
        String cell =
                kernel.execute(
                        "System.out.println(\"α\");\nString id = display(\"now\");\nupdateDisplay(id, \"then\");\n6 * 7");
        List<KernelProcess.Message> published = kernel.published(cell);
        assertEquals(
                List.of(
                        "status",
                        "execute_input",
                        "stream",
                        "display_data",
                        "update_display_data",
                        "execute_result",
                        "status"),
                types(published));
        assertEquals("α\n", printed(published));
        assertEquals(
                "42",
                published.get(5).content().getAsJsonObject("data").get("text/plain").getAsString());
        assertEquals("ok", kernel.reply().content().get("status").getAsString());
    }

    @Test
    void numbersHaveAPointInEveryLanguageOfTheMachine() {
        String cell = kernel.execute("System.out.printf(\"%.2f\", 56.25);");
        assertEquals("56.25", printed(kernel.published(cell)));
        kernel.reply();
    }

    @Test
    void anErrorHasItsOwnNameInTheOutputAndInTheReply() {
        String cell = kernel.execute("throw new AssertionError(\"claim\");");
        KernelProcess.Message error = kernel.awaitPublished(cell, "error");
        assertEquals("AssertionError", error.content().get("ename").getAsString());
        assertEquals("claim", error.content().get("evalue").getAsString());
        assertEquals("AssertionError", kernel.reply().content().get("ename").getAsString());
    }

    @Test
    void cellsThatWaitBehindAFailedOneAreNotRun() {
        String failing = kernel.execute("int ran = 1;\nThread.sleep(500);\nran / 0");
        String waiting = kernel.execute("ran = 2;");
        String last = kernel.execute("ran = 3;");
        assertTrue(types(kernel.published(failing)).contains("error"));
        assertEquals(List.of("status", "status"), types(kernel.published(waiting)));
        assertEquals(List.of("status", "status"), types(kernel.published(last)));
        assertEquals("ArithmeticException", kernel.reply().content().get("ename").getAsString());
        for (int i = 0; i < 2; i++) {
            KernelProcess.Message reply = kernel.reply();
            assertEquals("Aborted", reply.content().get("ename").getAsString());
            assertFalse(
                    reply.content().has("execution_count"),
                    "a cell that did not run has no number");
        }
        String later = kernel.execute("ran");
        KernelProcess.Message result = kernel.awaitPublished(later, "execute_result");
        assertEquals("1", result.content().getAsJsonObject("data").get("text/plain").getAsString());
        kernel.reply();
    }

    @Test
    void anInterruptStopsAPrintLoopAndNothingLeaks() throws Exception {
        String loop = kernel.execute("for (long i = 0; ; i++) System.out.println(\"line \" + i);");
        kernel.awaitPublished(loop, "stream");
        kernel.interrupt();
        kernel.awaitPublished(loop, "error");
        assertEquals("InterruptedException", kernel.reply().content().get("ename").getAsString());
        String next = kernel.execute("Thread.sleep(300);\nSystem.out.println(\"calm\");");
        assertEquals("calm\n", printed(kernel.published(next)));
        assertEquals("ok", kernel.reply().content().get("status").getAsString());
        assertEquals("", kernel.terminal());
    }

    @Test
    void anInterruptedThreadMayStillPrintAndDisplay() {
        String cell =
                kernel.execute(
                        "System.out.println(\"go\");\nwhile (!Thread.currentThread().isInterrupted()) { }\n"
                                + "for (int i = 0; i < 50; i++) { System.out.println(i); display(i); }");
        kernel.awaitPublished(cell, "stream");
        kernel.interrupt();
        kernel.awaitPublished(cell, "error");
        kernel.reply();
        String next =
                kernel.execute(
                        "Thread.currentThread().interrupt();\nSystem.out.println(\"still here\");");
        assertEquals("still here\n", printed(kernel.published(next)));
        kernel.reply();
    }

    @Test
    void aCellReadsALine() {
        String cell = kernel.execute("new Scanner(System.in).nextLine().toUpperCase()");
        assertEquals("input_request", kernel.inputRequest().type());
        kernel.input("typed");
        KernelProcess.Message result = kernel.awaitPublished(cell, "execute_result");
        assertEquals(
                "TYPED", result.content().getAsJsonObject("data").get("text/plain").getAsString());
        kernel.reply();
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void aShutdownEndsTheProcessEvenWhileACellIsBusy() throws Exception {
        String cell = kernel.execute("System.out.println(\"busy\");\nwhile (true) { }");
        kernel.awaitPublished(cell, "stream");
        kernel.shutDown();
        assertTrue(kernel.process().waitFor(20, TimeUnit.SECONDS));
        assertEquals("", kernel.terminal());
    }

    @Test
    void aTerminatedProcessLetsTheRunningCellEndFirst(@TempDir Path own) throws Exception {
        Path trace = own.resolve("ended.txt");
        try (KernelProcess terminated = new KernelProcess(own, Map.of())) {
            terminated.awaitReady();
            String cell =
                    terminated.execute(
                            "{ System.out.println(\"busy\");\n"
                                    + "while (!Thread.currentThread().isInterrupted()) { }\n"
                                    + "for (long end = System.nanoTime() + 700_000_000L;"
                                    + " System.nanoTime() < end; ) { }\n"
                                    + "new FileOutputStream(\""
                                    + trace
                                    + "\").close(); }");
            terminated.awaitPublished(cell, "stream");
            terminated.process().destroy();
            assertTrue(terminated.process().waitFor(20, TimeUnit.SECONDS));
            assertTrue(Files.exists(trace), "the cell was cut off: " + terminated.terminal());
        }
    }

    @Test
    void theKernelEndsWithTheClientThatStartedIt(@TempDir Path own) throws Exception {
        Process client = new ProcessBuilder("sleep", "120").start();
        try (KernelProcess orphan =
                new KernelProcess(own, Map.of("JPY_PARENT_PID", String.valueOf(client.pid())))) {
            client.destroyForcibly();
            assertTrue(orphan.process().waitFor(30, TimeUnit.SECONDS));
        }
    }
}
