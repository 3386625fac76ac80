package org.lowrank.kernel;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * What stands behind {@code System.out} and {@code System.err} while the kernel lives: text of the
 * cells goes to the queue, text of an abandoned cell goes nowhere.
 *
 * <p>An abandoned thread is ended in {@code flush}, which every {@code println} calls last: an
 * error thrown in {@code write} would leave half a line in the buffers of the shared {@link
 * PrintStream}.
 */
final class CellStream extends OutputStream {

    private final Consumer<String> target;
    private final CharsetDecoder decoder =
            StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPLACE)
                    .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private byte[] unfinished = {};

    private CellStream(Consumer<String> target) {
        this.target = target;
    }

    static PrintStream to(Consumer<String> target) {
        return new PrintStream(new CellStream(target), true, StandardCharsets.UTF_8);
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
        if (Execution.threadIsAbandoned()) {
            return;
        }
        ByteBuffer in = ByteBuffer.allocate(unfinished.length + length);
        in.put(unfinished).put(bytes, offset, length).flip();
        CharBuffer out = CharBuffer.allocate(in.remaining() + 1);
        decoder.reset().decode(in, out, false);
        unfinished = new byte[in.remaining()];
        in.get(unfinished);
        String text = out.flip().toString();
        if (!text.isEmpty()) {
            target.accept(text);
        }
    }

    @Override
    public void flush() {
        Execution.ensureAttachedOnce();
    }
}
