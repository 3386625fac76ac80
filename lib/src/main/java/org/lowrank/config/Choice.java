package org.lowrank.config;

import java.util.Map;
import java.util.TreeMap;

/**
 * What moves the adapters.
 *
 * @param name as the library's registry calls it
 * @param options hyper-parameters other than the learning rate; those not given take their
 *     defaults, which are written out before the configuration is hashed
 */
public record Choice(String name, Map<String, Object> options) {

    public Choice {
        name = name == null ? "adamw" : name;
        options = options == null ? Map.of() : new TreeMap<>(options);
    }
}
