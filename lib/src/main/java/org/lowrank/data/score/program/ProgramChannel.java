package org.lowrank.data.score.program;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;

/** What is said to a child process and what it says: begun, and at the end passed or failed. */
final class ProgramChannel {

    /** What the driver says is shorter; the rest is a program that found the channel. */
    private static final int LONGEST = 1 << 12;

    private final Process process;
    private final String proof;
    private final ByteArrayOutputStream heard = new ByteArrayOutputStream();
    private final Thread listener = new Thread(this::listen, "program-listener");
    private volatile long begun;
    private volatile String end = "";
    private Thread sender;

    ProgramChannel(Process process, String proof) {
        this.process = process;
        this.proof = proof;
        listener.setDaemon(true);
        listener.start();
    }

    /** Gives the limits and the program, without waiting for a child that does not read. */
    void send(ProgramLimits limits, boolean ownProcesses, String program) {
        var head =
                String.join(
                        " ",
                        Long.toString(limits.memoryBytes()),
                        Long.toString(limits.diskBytes()),
                        Long.toString((long) Math.ceil(limits.seconds()) + 1),
                        Integer.toString(ownProcesses ? limits.processes() + 4 : 0));
        var bytes = (proof + "\n" + head + "\n" + program).getBytes(StandardCharsets.UTF_8);
        sender =
                new Thread(
                        () -> {
                            try (var in = process.getOutputStream()) {
                                in.write(bytes);
                            } catch (IOException e) {
                                // It ended before it read everything; its end says how.
                            }
                        },
                        "program-sender");
        sender.setDaemon(true);
        sender.start();
    }

    /** When the program's first line ran, as {@link System#nanoTime}. */
    OptionalLong begun() {
        return begun == 0 ? OptionalLong.empty() : OptionalLong.of(begun);
    }

    /** True if the driver said how the program ended. */
    boolean ended() {
        return !end.isEmpty();
    }

    /** What the driver said last, without the proof; empty if the program left no word. */
    String end() throws InterruptedException {
        listener.join(2000);
        return end;
    }

    /** Waits for its threads, once the process is gone. */
    void await() throws InterruptedException {
        listener.join(2000);
        sender.join(2000);
    }

    private void listen() {
        var buffer = new byte[1024];
        try (var out = process.getInputStream()) {
            for (var read = out.read(buffer); read >= 0; read = out.read(buffer)) {
                if (heard.size() < LONGEST) {
                    heard.write(buffer, 0, read);
                    understand();
                }
            }
        } catch (IOException e) {
            // The process was killed; what it said before counts.
        }
    }

    private void understand() {
        var text = heard.toString(StandardCharsets.UTF_8);
        var complete = text.substring(0, text.lastIndexOf('\n') + 1);
        for (var line : complete.split("\n")) {
            if (line.equals(proof + " begun")) {
                begun = begun == 0 ? System.nanoTime() : begun;
            } else if (line.startsWith(proof + " ")) {
                end = line.substring(proof.length() + 1);
            }
        }
    }
}
