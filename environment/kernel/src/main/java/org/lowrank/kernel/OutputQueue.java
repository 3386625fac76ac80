package org.lowrank.kernel;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Hands outputs to their cells in order, on a thread of its own.
 *
 * <p>Cell code never touches a socket: an interrupted thread that writes to one would close it for
 * good, and a print in a tight loop would send one message a line. Neighbouring texts travel as one
 * message.
 */
final class OutputQueue implements AutoCloseable {

    /**
     * Characters that may wait; a cell that prints more waits itself, so that it cannot fill the
     * memory.
     */
    private static final int TEXT_LIMIT = 1 << 20;

    private static final int ITEM_LIMIT = 10_000;

    /** How long a text waits for company, unless somebody drains the queue. */
    private static final long GATHER_NANOS = 20_000_000;

    private record Item(Output.Sink to, Output output) {
        int textLength() {
            return output instanceof Output.Text text ? text.text().length() : 0;
        }

        boolean continues(Item before) {
            return to == before.to
                    && output instanceof Output.Text text
                    && before.output instanceof Output.Text earlier
                    && text.error() == earlier.error();
        }
    }

    private final Deque<Item> waiting = new ArrayDeque<>();
    private int waitingText;
    private int drains;
    private boolean publishing;
    private boolean closed;

    OutputQueue() {
        Thread publisher = new Thread(this::publishAll, "cell-output");
        publisher.setDaemon(true);
        publisher.start();
    }

    /** Adds an output, after a wait for room; an interrupt neither ends the wait nor is lost. */
    void add(Output.Sink to, Output output) {
        Item item = new Item(to, output);
        while (!addedIfRoom(item)) {
            Thread.yield();
        }
    }

    /**
     * A wait of an interrupted thread would take its interrupt away until there is room, and look
     * as if the cell had taken note of it: such a thread is sent away to ask again.
     */
    private synchronized boolean addedIfRoom(Item item) {
        while ((waitingText > TEXT_LIMIT || waiting.size() > ITEM_LIMIT) && !closed) {
            try {
                if (Thread.currentThread().isInterrupted()) {
                    return false;
                }
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        waiting.add(item);
        waitingText += item.textLength();
        notifyAll();
        return true;
    }

    /** Returns when everything added so far has been published. */
    synchronized void drain() {
        drains++;
        notifyAll();
        try {
            while ((publishing || !waiting.isEmpty()) && !closed) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            drains--;
        }
    }

    /** Drops what an abandoned cell still had to say. */
    synchronized void discard(Output.Sink of) {
        waiting.removeIf(item -> item.to() == of);
        waitingText = waiting.stream().mapToInt(Item::textLength).sum();
        notifyAll();
    }

    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }

    private void publishAll() {
        try {
            for (Item item = next(); item != null; item = next()) {
                item.to().publish(item.output());
            }
        } catch (InterruptedException e) {
            close();
        }
    }

    private synchronized Item next() throws InterruptedException {
        publishing = false;
        notifyAll();
        while (waiting.isEmpty() && !closed) {
            wait();
        }
        if (waiting.isEmpty()) {
            return null;
        }
        publishing = true;
        return waiting.peek().output() instanceof Output.Text text ? gather(text.error()) : poll();
    }

    private Item gather(boolean error) throws InterruptedException {
        Item first = waiting.peek();
        long end = System.nanoTime() + GATHER_NANOS;
        for (long left = GATHER_NANOS;
                left > 0 && drains == 0 && !closed;
                left = end - System.nanoTime()) {
            if (waitingText > TEXT_LIMIT
                    || !waiting.isEmpty() && !waiting.peekLast().continues(first)) {
                break;
            }
            wait(left / 1_000_000 + 1);
        }
        StringBuilder text = new StringBuilder();
        while (!waiting.isEmpty() && waiting.peek().continues(first)) {
            text.append(((Output.Text) poll().output()).text());
        }
        return new Item(first.to(), new Output.Text(error, text.toString()));
    }

    private Item poll() {
        Item item = waiting.poll();
        waitingText -= item.textLength();
        return item;
    }
}
