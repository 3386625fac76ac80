package org.lowrank.config;

import java.util.Map;

/** The options of one choice: what was given, checked, and defaults for the rest. */
public interface OptionValues {

    /**
     * The value of an option; the handle may have another default than the declared one.
     *
     * @throws IllegalArgumentException if no option of this name was declared; the message says
     *     which were
     */
    <T> T get(Option<T> option);

    /** Every option as a record holds it, in the order of declaration. */
    Map<String, Object> writtenOut();
}
