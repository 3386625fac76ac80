package org.lowrank.kernel;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OutputQueueTest {

    /**
     * The kernel reads that flag to tell a cell that is about to end from one that prints for ever.
     */
    @Test
    void aThreadThatWaitsForRoomKeepsItsInterrupt() throws Exception {
        CountDownLatch reads = new CountDownLatch(1);
        Output.Sink stuck =
                output -> {
                    try {
                        reads.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                };
        try (OutputQueue queue = new OutputQueue()) {
            Output line = new Output.Text(false, "x".repeat(1 << 18));
            Thread printer =
                    new Thread(
                            () -> {
                                for (int i = 0; i < 20; i++) {
                                    queue.add(stuck, line);
                                }
                            });
            printer.start();
            while (printer.getState() != Thread.State.WAITING) {
                Thread.sleep(1);
            }
            printer.interrupt();
            Thread.sleep(50);
            for (int i = 0; i < 100; i++) {
                assertTrue(printer.isInterrupted(), "the interrupt was taken");
                assertTrue(printer.isAlive(), "the wait for room was ended");
                Thread.sleep(1);
            }
            reads.countDown();
            printer.join(30_000);
            assertFalse(printer.isAlive(), "there is room, and the printer has not ended");
        }
    }
}
