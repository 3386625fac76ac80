package org.lowrank.data.score;

/**
 * What a model that writes says of the words of the classes after one prompt.
 *
 * @param words log p of each word to its end, the token that ends it among them
 * @param tokens of each word, the end among them
 * @param firsts log p of the first token of each word
 * @param written the class whose word the model writes itself, the most probable token each time;
 *     {@link #OTHER} if it writes something else
 */
public record WordScores(double[] words, int[] tokens, double[] firsts, int written) {

    /** No class. */
    public static final int OTHER = -1;

    /** True if the model writes none of the words. */
    public boolean isOther() {
        return written == OTHER;
    }

    /** The class of largest value; {@link #OTHER} if two share it. */
    static int largest(double... values) {
        int best = 0;
        boolean shared = false;
        for (int c = 1; c < values.length; c++) {
            shared = values[c] == values[best] || shared && values[c] < values[best];
            best = values[c] > values[best] ? c : best;
        }
        return shared ? OTHER : best;
    }
}
