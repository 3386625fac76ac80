package org.lowrank.config;

import java.util.Map;
import java.util.TreeMap;

/**
 * One of the things that a {@link Registry} knows by name, as a table and a record hold it.
 *
 * @param name as its registry calls it
 * @param options those not given take their defaults, which {@link Registry#complete} writes out
 *     before a configuration is hashed
 * @param code fingerprint of the code behind a name that was registered in this session, so that a
 *     changed cell is another run; null, and absent in a record, for all others
 */
public record Choice(String name, Map<String, Object> options, String code) {

    public Choice {
        options = options == null ? Map.of() : new TreeMap<>(options);
    }

    public Choice(String name, Map<String, Object> options) {
        this(name, options, null);
    }
}
