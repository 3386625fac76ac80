package org.lowrank.config;

import java.util.List;

/** A jar of its own that brings a name. */
public final class TestExtension implements Extension {

    public static final Registry<String> NAMES = new Registry<>("example");

    @Override
    public void register() {
        NAMES.register("jar", "a name from outside", List.of(), o -> "of a jar");
    }
}
