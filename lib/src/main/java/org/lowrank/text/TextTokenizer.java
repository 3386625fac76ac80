package org.lowrank.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * WordPiece tokenization as a {@code tokenizer.json} describes it. Truncation and padding that the
 * file asks for are switched off: the longest length is named in each call, and batches are padded
 * to their own longest sentence. Any number of threads may call it; closing waits for them.
 */
public final class TextTokenizer implements AutoCloseable {

    /** The least longest length: [CLS], a token, [SEP]. */
    public static final int LEAST_LENGTH = 3;

    /** The least longest length of a pair: [CLS], a token, [SEP], a token, [SEP]. */
    public static final int LEAST_LENGTH_OF_PAIR = 5;

    private final HuggingFaceTokenizer tokenizer;
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private final int cls;
    private final int sep;
    private boolean closed;

    /**
     * @param file what error messages call the tokenizer
     * @param json the content of the {@code tokenizer.json}, closed by the caller
     */
    public TextTokenizer(String file, InputStream json) throws IOException {
        try {
            tokenizer =
                    HuggingFaceTokenizer.newInstance(
                            json, Map.of("padding", "false", "truncation", "false"));
        } catch (RuntimeException e) {
            throw new IOException(file + " is not a readable tokenizer.json", e);
        }
        var frame = tokenizer.encode("", true, false).getIds();
        if (frame.length != 2) {
            tokenizer.close();
            throw new IOException(
                    file
                            + " should frame a sentence by [CLS] and [SEP], but an empty one becomes "
                            + frame.length
                            + " tokens");
        }
        cls = Math.toIntExact(frame[0]);
        sep = Math.toIntExact(frame[1]);
    }

    /**
     * One sentence.
     *
     * @param maxLength the most tokens, [CLS] and [SEP] among them; what is beyond is cut off
     */
    public Tokens encode(String sentence, int maxLength) {
        requireRoom(maxLength, LEAST_LENGTH);
        var words = pieces(sentence);
        int kept = Math.min(words.length, maxLength - 2);
        var ids = new int[kept + 2];
        ids[0] = cls;
        copy(words, kept, ids, 1);
        ids[kept + 1] = sep;
        return new Tokens(ids, new int[ids.length]);
    }

    /**
     * A pair of sentences.
     *
     * @param maxLength the most tokens, [CLS] and both [SEP] among them; tokens are cut off the
     *     longer sentence first
     */
    public Tokens encode(String first, String second, int maxLength) {
        requireRoom(maxLength, LEAST_LENGTH_OF_PAIR);
        var a = pieces(first);
        var b = pieces(second);
        int room = maxLength - 3;
        int keptA = Math.min(a.length, Math.max(room - b.length, (room + 1) / 2));
        int keptB = Math.min(b.length, room - keptA);
        var ids = new int[keptA + keptB + 3];
        var types = new int[ids.length];
        ids[0] = cls;
        copy(a, keptA, ids, 1);
        ids[keptA + 1] = sep;
        copy(b, keptB, ids, keptA + 2);
        ids[keptA + keptB + 2] = sep;
        Arrays.fill(types, keptA + 2, types.length, 1);
        return new Tokens(ids, types);
    }

    private static void requireRoom(int maxLength, int least) {
        if (maxLength < least) {
            throw new IllegalArgumentException(
                    "the longest length must be at least "
                            + least
                            + " tokens, the special ones among them, but it is "
                            + maxLength);
        }
    }

    private static void copy(long[] from, int count, int[] to, int at) {
        for (int i = 0; i < count; i++) {
            to[at + i] = Math.toIntExact(from[i]);
        }
    }

    private long[] pieces(String text) {
        lock.readLock().lock();
        try {
            requireOpen();
            return tokenizer.encode(text, false, false).getIds();
        } finally {
            lock.readLock().unlock();
        }
    }

    /** The word piece of an id. */
    public String word(int id) {
        lock.readLock().lock();
        try {
            requireOpen();
            return tokenizer.decode(new long[] {id}, false);
        } finally {
            lock.readLock().unlock();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("this tokenizer is closed");
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
