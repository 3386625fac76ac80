package org.lowrank.text;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.util.Arrays;

/**
 * The special tokens that a tokenizer puts around a text, or around and between a pair: learned
 * once from what it does with a short text, so that cutting never cuts them.
 */
record Frame(Part before, Part between, Part after, int firstType, int secondType) {

    /** Special tokens that stand together. */
    record Part(int[] ids, int[] types) {

        int length() {
            return ids.length;
        }
    }

    private static final String SAMPLE = "a";

    static Frame ofText(String file, HuggingFaceTokenizer tokenizer) throws IOException {
        int size = tokenizer.encode(SAMPLE, false, false).getIds().length;
        var framed = tokenizer.encode(SAMPLE, true, false);
        int start = firstOfText(framed, 0);
        require(file, framed.getIds().length - start >= size);
        return new Frame(
                part(framed, 0, start),
                part(framed, 0, 0),
                part(framed, start + size, framed.getIds().length),
                type(framed, start),
                0);
    }

    static Frame ofPair(String file, HuggingFaceTokenizer tokenizer) throws IOException {
        int size = tokenizer.encode(SAMPLE, false, false).getIds().length;
        var framed = tokenizer.encode(SAMPLE, SAMPLE, true, false);
        int length = framed.getIds().length;
        int first = firstOfText(framed, 0);
        int second = firstOfText(framed, Math.min(length, first + size));
        require(file, length - second >= size);
        return new Frame(
                part(framed, 0, first),
                part(framed, first + size, second),
                part(framed, second + size, length),
                type(framed, first),
                type(framed, second));
    }

    int length() {
        return before.length() + between.length() + after.length();
    }

    /** The tokens of a framed text or pair; {@code second} is empty for a single text. */
    Tokens around(int[] first, int[] second) {
        var types = new int[length() + first.length + second.length];
        return new Tokens(ids(first, second, types), types);
    }

    /** The same as ids alone; there may be none at all. */
    int[] ids(int[] text) {
        return ids(text, new int[0], new int[length() + text.length]);
    }

    private int[] ids(int[] first, int[] second, int[] types) {
        var ids = new int[types.length];
        int at = put(before, ids, types, 0);
        at = put(new Part(first, filled(first.length, firstType)), ids, types, at);
        at = put(between, ids, types, at);
        at = put(new Part(second, filled(second.length, secondType)), ids, types, at);
        put(after, ids, types, at);
        return ids;
    }

    private static int put(Part part, int[] ids, int[] types, int at) {
        System.arraycopy(part.ids, 0, ids, at, part.length());
        System.arraycopy(part.types, 0, types, at, part.length());
        return at + part.length();
    }

    private static int[] filled(int length, int type) {
        var types = new int[length];
        Arrays.fill(types, type);
        return types;
    }

    private static int firstOfText(Encoding framed, int from) {
        var special = framed.getSpecialTokenMask();
        int at = from;
        while (at < special.length && special[at] == 1) {
            at++;
        }
        return at;
    }

    private static int type(Encoding framed, int at) {
        return at < framed.getTypeIds().length ? Math.toIntExact(framed.getTypeIds()[at]) : 0;
    }

    private static Part part(Encoding framed, int from, int to) {
        return new Part(
                TextTokenizer.ints(Arrays.copyOfRange(framed.getIds(), from, to)),
                TextTokenizer.ints(Arrays.copyOfRange(framed.getTypeIds(), from, to)));
    }

    private static void require(String file, boolean holds) throws IOException {
        if (!holds) {
            throw new IOException(
                    file + ": its post_processor changes the text's own tokens; that is not read");
        }
    }
}
