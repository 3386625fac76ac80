package org.lowrank.model.generate;

import java.util.Arrays;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.lowrank.linalg.DivergedException;

/**
 * A token drawn from what may follow: logits over the temperature, the best k of them, of these the
 * most probable with probability p together, in this order.
 *
 * <p>The nucleus (Holtzman et al., arXiv 1904.09751) holds a token if those less probable and
 * itself have more than 1 − p together; the best is always in it. Tokens as good as the last one
 * stay too.
 *
 * @param temperature above 0
 * @param topK 0 for all
 * @param topP 1 for all
 */
record TokenDraw(double temperature, int topK, double topP) {

    TokenDraw(Generation how) {
        this(how.temperature(), how.topK(), how.topP());
    }

    /**
     * One token. It is looked up in the order of ids, so that rounding does not change it.
     *
     * @throws DivergedException if no logit is a number
     */
    int draw(float[] logits, SplittableRandom random) {
        var probabilities = probabilities(logits);
        double left = random.nextDouble();
        int last = 0;
        for (int id = 0; id < probabilities.length; id++) {
            if (probabilities[id] > 0) {
                last = id;
                left -= probabilities[id];
                if (left < 0) {
                    return id;
                }
            }
        }
        return last;
    }

    /** The probabilities that are drawn from; they add up to 1. */
    double[] probabilities(float... logits) {
        double best = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            best = Math.max(best, logit);
        }
        Written.requireFinite(best);
        double edge = topK > 0 && topK < logits.length ? edge(logits) : Double.NEGATIVE_INFINITY;
        var weights = new double[logits.length];
        double sum = 0;
        for (int id = 0; id < logits.length; id++) {
            if (logits[id] >= edge) {
                weights[id] = Math.exp((logits[id] - best) / temperature);
                sum += weights[id];
            }
        }
        if (topP < 1) {
            sum = keepNucleus(weights, sum);
        }
        for (int id = 0; id < weights.length; id++) {
            weights[id] /= sum;
        }
        return weights;
    }

    /** The k-th best logit. */
    private float edge(float... logits) {
        var best = new PriorityQueue<Float>(topK);
        for (float logit : logits) {
            if (best.size() < topK) {
                best.add(logit);
            } else if (logit > best.peek()) {
                best.poll();
                best.add(logit);
            }
        }
        return best.peek();
    }

    /** Clears what is outside; gives the sum of the rest. */
    private double keepNucleus(double[] weights, double sum) {
        double outside = (1 - topP) * sum;
        // all of these together are outside, so they need not be sorted
        double small = outside / weights.length;
        double cut = 0;
        for (int id = 0; id < weights.length; id++) {
            if (weights[id] <= small) {
                cut += weights[id];
                weights[id] = 0;
            }
        }
        var rising = Arrays.stream(weights).filter(weight -> weight > 0).sorted().toArray();
        int edge = 0;
        while (edge < rising.length - 1 && cut + rising[edge] <= outside) {
            cut += rising[edge++];
        }
        for (int id = 0; id < weights.length; id++) {
            weights[id] = weights[id] < rising[edge] ? 0 : weights[id];
        }
        return Arrays.stream(weights).sum();
    }
}
