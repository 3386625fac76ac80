package org.lowrank.model.block;

import java.util.Arrays;

/**
 * The frequencies of rotary positions (Su et al., arXiv 2104.09864) and the ways in which models
 * stretch them to longer texts, computed in float32 as they are published: θᵢ = base^(−2i/d).
 */
public interface RotaryScaling {

    /**
     * The frequencies (d / 2).
     *
     * @param base of the powers, {@code rope_theta}
     * @param d the width of a head that is rotated
     * @param length of the text; two of the ways depend on it
     */
    float[] frequencies(double base, int d, long length);

    /** What cosines and sines are multiplied by. */
    default double attention() {
        return 1;
    }

    /** The frequencies as they are. */
    record Plain() implements RotaryScaling {
        @Override
        public float[] frequencies(double base, int d, long length) {
            var result = new float[d / 2];
            for (int i = 0; i < result.length; i++) {
                result[i] = 1 / power(base, d, i);
            }
            return result;
        }
    }

    /** All frequencies over one factor (position interpolation, arXiv 2306.15595). */
    record Linear(double factor) implements RotaryScaling {
        @Override
        public float[] frequencies(double base, int d, long length) {
            var result = new Plain().frequencies(base, d, length);
            for (int i = 0; i < result.length; i++) {
                result[i] /= (float) factor;
            }
            return result;
        }
    }

    /**
     * A base that grows with a text beyond the trained length, "NTK-aware".
     *
     * @param trained the longest text of the training
     */
    record Dynamic(double factor, long trained) implements RotaryScaling {
        @Override
        public float[] frequencies(double base, int d, long length) {
            long longest = Math.max(length, trained);
            double stretch = factor * longest / trained - (factor - 1);
            double grown = base * Math.pow(stretch, d / (d - 2.0));
            return new Plain().frequencies(grown, d, length);
        }
    }

    /**
     * Frequencies that turn less than {@code slow} times over the trained length are divided, those
     * that turn more than {@code fast} times are kept, between them a ramp (YaRN, arXiv
     * 2309.00071).
     *
     * @param truncate whether the ends of the ramp are whole numbers
     */
    record Yarn(
            double factor,
            long trained,
            double fast,
            double slow,
            double attention,
            boolean truncate)
            implements RotaryScaling {

        @Override
        public float[] frequencies(double base, int d, long length) {
            double low = dimension(fast, base, d);
            double high = dimension(slow, base, d);
            low = Math.max(truncate ? Math.floor(low) : low, 0);
            high = Math.min(truncate ? Math.ceil(high) : high, d - 1);
            high = low == high ? high + 0.001 : high;
            var result = new float[d / 2];
            for (int i = 0; i < result.length; i++) {
                float ramp = (i - (float) low) / (float) (high - low);
                float kept = 1 - Math.max(0, Math.min(1, ramp));
                float power = power(base, d, i);
                result[i] = 1 / ((float) factor * power) * (1 - kept) + 1 / power * kept;
            }
            return result;
        }

        /** The place of the frequency that turns so often over the trained length. */
        private double dimension(double turns, double base, int d) {
            return d * Math.log(trained / (turns * 2 * Math.PI)) / (2 * Math.log(base));
        }
    }

    /** Each frequency over a factor of its own, others beyond the trained length (2402.13753). */
    record LongRope(float[] shortFactors, float[] longFactors, long trained, double attention)
            implements RotaryScaling {

        @Override
        public float[] frequencies(double base, int d, long length) {
            var factors = length > trained ? longFactors : shortFactors;
            var result = new float[d / 2];
            for (int i = 0; i < result.length; i++) {
                result[i] = 1 / (factors[i] * power(base, d, i));
            }
            return result;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof LongRope that
                    && Arrays.equals(shortFactors, that.shortFactors)
                    && Arrays.equals(longFactors, that.longFactors)
                    && trained == that.trained
                    && attention == that.attention;
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(shortFactors) + 31 * Arrays.hashCode(longFactors);
        }
    }

    /**
     * Long waves are divided, short ones kept, those between blended (Llama 3.1, arXiv 2407.21783,
     * released code).
     */
    record Llama3(double factor, double lowFactor, double highFactor, long trained)
            implements RotaryScaling {

        @Override
        public float[] frequencies(double base, int d, long length) {
            var result = new Plain().frequencies(base, d, length);
            for (int i = 0; i < result.length; i++) {
                float wave = (float) (2 * Math.PI) / result[i];
                if (wave > trained / lowFactor) {
                    result[i] /= (float) factor;
                } else if (wave >= trained / highFactor) {
                    float smooth =
                            (trained / wave - (float) lowFactor) / (float) (highFactor - lowFactor);
                    result[i] = (1 - smooth) * result[i] / (float) factor + smooth * result[i];
                }
            }
            return result;
        }
    }

    private static float power(double base, int d, int i) {
        return (float) Math.pow(base, (float) (2 * i) / d);
    }
}
