package org.lowrank.model;

import java.io.IOException;
import java.util.List;
import org.lowrank.model.block.RotaryPositions;
import org.lowrank.model.block.RotaryScaling;

/**
 * The rotary positions of a configuration in one form: {@code rope_theta} and {@code rope_scaling}
 * of earlier releases, {@code rope_parameters} of later ones, {@code type} or {@code rope_type}.
 */
final class RotaryKeys {

    private static final List<String> TYPES =
            List.of("default", "linear", "dynamic", "yarn", "longrope", "llama3");
    private static final String ORIGINAL = "original_max_position_embeddings";

    private final ConfigKeys config;
    private final ConfigKeys inner;
    private final int positions;
    private final int width;

    private RotaryKeys(ConfigKeys config, ConfigKeys inner, int positions, int width) {
        this.config = config;
        this.inner = inner;
        this.positions = positions;
        this.width = width;
    }

    /**
     * @param width of a head
     * @throws IOException if a type or a key is not known
     */
    static RotaryPositions.Form read(ConfigKeys config, int positions, int width)
            throws IOException {
        var inner = config.object(config.oneOf("rope_parameters", "rope_scaling"));
        double outside = config.number("rope_theta", 10000, "above 0", v -> v > 0);
        double theta = inner.number("rope_theta", outside, "above 0", v -> v > 0);
        config.only("partial_rotary_factor", "1.0");
        inner.only("partial_rotary_factor", "1.0");
        var keys = new RotaryKeys(config, inner, positions, width);
        var scaling = keys.scaling();
        inner.refuseOthers();
        return new RotaryPositions.Form(theta, width, scaling);
    }

    private RotaryScaling scaling() throws IOException {
        var key = inner.oneOf("rope_type", "type");
        var type = inner.text(key, "default");
        return switch (type) {
            case "default" -> new RotaryScaling.Plain();
            case "linear" -> new RotaryScaling.Linear(factor());
            case "dynamic" -> new RotaryScaling.Dynamic(factor(), trained());
            case "yarn" -> yarn();
            case "longrope" -> longRope();
            case "llama3" ->
                    new RotaryScaling.Llama3(
                            factor(),
                            above("low_freq_factor", Double.NaN),
                            above("high_freq_factor", Double.NaN),
                            trained());
            default ->
                    throw inner.refusal(key, "\"" + type + "\" is not known; known are " + TYPES);
        };
    }

    private RotaryScaling yarn() throws IOException {
        long trained = trained();
        double factor = above("factor", (double) positions / trained);
        double mscale = inner.number("mscale", 0, "of at least 0", v -> v >= 0);
        double all = inner.number("mscale_all_dim", 0, "of at least 0", v -> v >= 0);
        double attention =
                mscale > 0 && all > 0
                        ? magnitude(factor, mscale) / magnitude(factor, all)
                        : magnitude(factor, 1);
        return new RotaryScaling.Yarn(
                factor,
                trained,
                above("beta_fast", 32),
                above("beta_slow", 1),
                above("attention_factor", attention),
                inner.flag("truncate", true));
    }

    private static double magnitude(double factor, double scale) {
        return factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;
    }

    private RotaryScaling longRope() throws IOException {
        long trained = trained();
        double factor = above("factor", (double) positions / trained);
        double attention = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(trained));
        return new RotaryScaling.LongRope(
                factors("short_factor"),
                factors("long_factor"),
                trained,
                above("attention_factor", attention));
    }

    private float[] factors(String key) throws IOException {
        var list = inner.node(key);
        if (!list.isArray() || list.size() != width / 2) {
            throw inner.refusal(
                    key,
                    "must list %d numbers, half the width of a head, not %d"
                            .formatted(width / 2, list.size()));
        }
        var factors = new float[width / 2];
        for (int i = 0; i < factors.length; i++) {
            if (!list.get(i).isNumber()) {
                throw inner.refusal(key, "must list numbers, not " + list.get(i));
            }
            factors[i] = (float) list.get(i).doubleValue();
        }
        return factors;
    }

    private double factor() throws IOException {
        return above("factor", Double.NaN);
    }

    private double above(String key, double absent) throws IOException {
        return inner.number(key, absent, "above 0", v -> v > 0);
    }

    /** The longest text before it was stretched: here, in the configuration, or its positions. */
    private long trained() throws IOException {
        return inner.positive(ORIGINAL, config.positive(ORIGINAL, positions));
    }
}
