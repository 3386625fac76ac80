package org.lowrank.model;

import org.lowrank.engine.Precision;

/**
 * How a model is loaded; the device is that of the manager it is loaded under.
 *
 * @param precision of the frozen base: of its linear maps and of a decoder's table of words
 * @param dropout probability of dropout in training, wherever the family has dropout
 */
public record LoadOptions(Precision precision, double dropout) {

    /** In float32, without dropout. */
    public static final LoadOptions PLAIN = new LoadOptions(Precision.float32, 0);

    public LoadOptions {
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("dropout is in [0, 1), but it is " + dropout);
        }
    }

    /** The same with the base in another precision. */
    public LoadOptions withPrecision(Precision newPrecision) {
        return new LoadOptions(newPrecision, dropout);
    }

    /** The same with another dropout. */
    public LoadOptions withDropout(double newDropout) {
        return new LoadOptions(precision, newDropout);
    }
}
