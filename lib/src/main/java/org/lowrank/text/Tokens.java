package org.lowrank.text;

/**
 * A sentence, or a pair of sentences, as the encoder reads it: [CLS] first [SEP] or [CLS] first
 * [SEP] second [SEP].
 *
 * @param ids token ids
 * @param types 0 up to the first [SEP], 1 after it
 */
public record Tokens(int[] ids, int[] types) {

    public Tokens {
        if (ids.length != types.length || ids.length == 0) {
            throw new IllegalArgumentException(
                    "%s ids and %s types: they must be as many, not 0"
                            .formatted(ids.length, types.length));
        }
    }

    /** The number of tokens, [CLS] and [SEP] among them. */
    public int length() {
        return ids.length;
    }
}
