package org.lowrank.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;

/**
 * The native library's tokenizer, which knows neither the name of its file nor whether it is
 * closed: what it refuses is told by the file's name, and closing waits for the calls that run.
 */
final class NativeTokenizer implements AutoCloseable {

    private final String file;
    private final HuggingFaceTokenizer tokenizer;
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private boolean closed;

    private NativeTokenizer(String file, HuggingFaceTokenizer tokenizer) {
        this.file = file;
        this.tokenizer = tokenizer;
    }

    /**
     * @param json of a {@code tokenizer.json}, whose wish for padding or truncation is not followed
     * @throws IOException if the library cannot read it
     */
    static NativeTokenizer of(String file, String json) throws IOException {
        try {
            return new NativeTokenizer(
                    file,
                    HuggingFaceTokenizer.newInstance(
                            new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)),
                            Map.of("padding", "false", "truncation", "false")));
        } catch (RuntimeException e) {
            throw new IOException(file + " is not a readable tokenizer.json", e);
        }
    }

    /** What learns a frame from a tokenizer. */
    @FunctionalInterface
    interface Framing {
        Frame of(String file, HuggingFaceTokenizer tokenizer) throws IOException;
    }

    /**
     * The frame that it puts around texts.
     *
     * @throws IOException if the library cannot take a text apart by what the file describes
     */
    Frame frame(Framing framing) throws IOException {
        try {
            return framing.of(file, tokenizer);
        } catch (RuntimeException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Something that is asked of it.
     *
     * @throws IllegalStateException if it is closed
     * @throws IllegalArgumentException with the file's name, if it refuses
     */
    <T> T call(Function<HuggingFaceTokenizer, T> work) {
        lock.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException("this tokenizer is closed");
            }
            return named(work);
        } finally {
            lock.readLock().unlock();
        }
    }

    private <T> T named(Function<HuggingFaceTokenizer, T> work) {
        try {
            return work.apply(tokenizer);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                tokenizer.close();
            }
        } finally {
            lock.writeLock().unlock();
        }
    }
}
