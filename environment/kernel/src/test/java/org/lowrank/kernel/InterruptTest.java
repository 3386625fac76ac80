package org.lowrank.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class InterruptTest {

    /** A loop that knows nothing of interrupts; the property ends it when its test is over. */
    private static final String BUSY = "while (!Boolean.getBoolean(\"test.over\")) { }\n";

    private static final String STARTED = "System.out.println(\"started\");\n";

    private static TestKernel kernel;

    @BeforeAll
    static void start() {
        kernel = new TestKernel();
    }

    @AfterAll
    static void stop() {
        kernel.close();
    }

    @AfterEach
    void endBusyLoops() throws Exception {
        System.setProperty("test.over", "true");
        Thread.sleep(20);
        System.clearProperty("test.over");
    }

    /** Interrupts the cell once it has printed "started" and returns its error. */
    private static ErrorReport interrupted(String code) throws Exception {
        kernel.forgetOutputs();
        CompletableFuture<ErrorReport> report =
                CompletableFuture.supplyAsync(() -> kernel.failure(code));
        while (!kernel.out().startsWith("started") && !report.isDone()) {
            Thread.sleep(5);
        }
        kernel.kernel().interrupt();
        return report.get();
    }

    private static void assertThatNothingLeaksIntoTheNextCell() throws Exception {
        assertNull(kernel.run("Thread.sleep(200);"));
        assertEquals("", kernel.out());
        assertEquals("", kernel.err());
        assertEquals(0, kernel.pictures().size());
    }

    @Test
    void aSleepingCellEndsByItselfAtItsOwnLine() throws Exception {
        ErrorReport report = interrupted("while (true) {\n" + STARTED + "Thread.sleep(60_000);\n}");
        assertEquals("InterruptedException", report.name());
        assertEquals("sleep interrupted", report.message());
        assertTrue(
                TestKernel.plain(report).contains("In [" + kernel.count() + "], line 3"),
                TestKernel.plain(report));
        assertEquals("2", kernel.value("1 + 1"));
    }

    @Test
    void aBusyCellIsLeftBehindAndTheNextCellRuns() throws Exception {
        ErrorReport report = interrupted("long spins = 0;\n\n{\n" + STARTED + BUSY + "}");
        assertEquals("InterruptedException", report.name());
        assertTrue(report.message().contains("restart the kernel"), report.message());
        String place = "In [" + kernel.count() + "], line 5";
        assertTrue(TestKernel.plain(report).contains(place), TestKernel.plain(report));
        assertEquals("4", kernel.value("2 + 2"));
    }

    @Test
    void aStatementThatHeedsTheInterruptHasLongerToEnd() throws Exception {
        ErrorReport report =
                interrupted(
                        """
                        {
                            System.out.println("started");
                            while (!Thread.interrupted()) { }
                            long end = System.nanoTime() + 3_000_000_000L;
                            while (System.nanoTime() < end) { }
                            System.out.println("saved");
                        }
                        int afterwards = 1;
                        """);
        assertEquals("the cell was interrupted after line 7", report.message());
        assertEquals("started\nsaved\n", kernel.out());
    }

    @Test
    void aSecondInterruptLeavesIt() throws Exception {
        String code =
                "while (!Boolean.getBoolean(\"test.over\")) { Thread.interrupted(); "
                        + "if (!kept) { kept = true; System.out.println(\"started\"); } }";
        kernel.run("boolean kept = false;");
        long start = System.nanoTime();
        CompletableFuture.delayedExecutor(3, java.util.concurrent.TimeUnit.SECONDS)
                .execute(kernel.kernel()::interrupt);
        ErrorReport report = interrupted(code);
        assertTrue(report.message().contains("restart the kernel"), report.message());
        assertTrue(System.nanoTime() - start < 20_000_000_000L, "not after all of its patience");
    }

    @Test
    void aPrintLoopIsEndedAndLeaksNothing() throws Exception {
        ErrorReport report =
                interrupted(
                        """
                        Thread printer = Thread.currentThread();
                        for (long i = 0; ; i++) { System.out.println("started " + i); }
                        """);
        assertEquals("InterruptedException", report.name());
        assertThatNothingLeaksIntoTheNextCell();
        assertEquals("false", kernel.value("printer.join(10_000);\nprinter.isAlive()"));
    }

    @Test
    void aLoopThatPrintsNoLinesIsMuted() throws Exception {
        interrupted("while (!Boolean.getBoolean(\"test.over\")) System.out.print(\"started \");");
        assertThatNothingLeaksIntoTheNextCell();
    }

    @Test
    void threadsOfAnAbandonedCellAreEndedToo() throws Exception {
        interrupted(
                """
                Thread talker = new Thread(() -> {
                    while (true) { display("noise"); System.out.println("started noise"); }
                });
                { talker.start();
                """
                        + BUSY
                        + "}");
        assertThatNothingLeaksIntoTheNextCell();
        assertEquals("false", kernel.value("talker.join(10_000);\ntalker.isAlive()"));
    }

    @Test
    void aLoopThatTestsForInterruptsKeepsItsResultAndEndsTheCell() throws Exception {
        ErrorReport report =
                interrupted(
                        """
                        int steps = 0;
                        while (!Thread.interrupted()) { if (steps++ == 0) System.out.println("started"); }
                        int neverReached = 1;
                        """);
        assertEquals("the cell was interrupted after line 2", report.message());
        assertEquals("true", kernel.value("steps > 0"));
        assertEquals("CompileError", kernel.failure("neverReached").name());
    }

    @Test
    void theLastWordsOfAStatementThatHandlesTheInterruptAreShown() throws Exception {
        interrupted(
                """
                try { System.out.println("started"); Thread.sleep(60_000); }
                catch (InterruptedException e) { System.out.println("saved"); }
                """);
        assertEquals("started\nsaved\n", kernel.out());
    }

    @Test
    void aPoolOfAnEarlierCellStillPrintsAfterAnotherCellWasAbandoned() throws Exception {
        kernel.run("var pool = Executors.newSingleThreadExecutor();\npool.submit(() -> 1).get()");
        interrupted("{ " + STARTED + BUSY + "}");
        kernel.run("pool.submit(() -> System.out.println(\"from the pool\")).get();");
        assertEquals("from the pool\n", kernel.out());
        kernel.run("pool.shutdown();");
    }

    @Test
    void aStatementThatRunsPastTheTimeLimitFailsAtItsOwnLine() throws Exception {
        try (TestKernel limited = new TestKernel(Map.of("IJAVA_TIMEOUT", "1 SECONDS"))) {
            ErrorReport report = limited.failure("int a = 1;\nThread.sleep(60_000);");
            assertEquals("TimeoutException", report.name());
            assertEquals("the statement ran longer than 1.0 s", report.message());
            assertTrue(
                    TestKernel.plain(report).contains("In [1], line 2"), TestKernel.plain(report));
            assertEquals("1", limited.value("a"));
        }
    }

    @Test
    void anInterruptBetweenCellsDoesNothing() throws Exception {
        kernel.run("int calm = 1;");
        kernel.kernel().interrupt();
        assertEquals("1", kernel.value("calm"));
    }
}
